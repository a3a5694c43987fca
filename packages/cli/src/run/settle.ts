/**
 * Waits until everything accepted has settled, as long as that takes, but not for handlers that do nothing any more.
 * Thread: main.
 */
import { isRingmainError } from '@ringmain/core';
import { unlessStopped } from '../input/unless-stopped.ts';
import type { RuntimePort } from './runtime-port.ts';

/**
 * Drains in rounds of `shutdownMs`: after each, goes on if anything settled meanwhile.
 *
 * @param stop - ends the wait
 * @returns true when everything settled
 * @throws what `drain` throws when the runtime fails
 */
export async function settle(runtime: Pick<RuntimePort, 'drain' | 'metrics' | 'config'>, stop: AbortSignal): Promise<boolean> {
  let settled = runtime.metrics().conservation.accounted;
  while (!stop.aborted) {
    try {
      await unlessStopped(runtime.drain({ timeoutMs: runtime.config.shutdownMs }), stop);
      return !stop.aborted;
    } catch (error) {
      if (!isRingmainError(error, 'RINGMAIN_DELIVERY_TIMEOUT')) throw error;
      const now = runtime.metrics().conservation.accounted;
      if (now <= settled) return false;
      settled = now;
    }
  }
  return false;
}
