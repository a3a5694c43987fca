/**
 * Reads the events that a bench replays: the whole input once, up to a bound, so that nothing is read while latencies are measured.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import type { InputEvent } from '../input/input-item.ts';
import type { InputSource } from '../input/input-source.ts';

/** Events kept of the input; the rest is not read. */
export const REPLAY_ITEMS_MAX = 100_000;

/** What was read. */
export interface ReplayItems {
  readonly events: readonly InputEvent[];
  /** Lines or entries that were no event. */
  readonly bad: readonly { readonly position: number; readonly message: string }[];
  /** True when the input goes on after what was read. */
  readonly cut: boolean;
}

/**
 * Reads the input.
 *
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when it breaks off or holds no event
 */
export async function readReplayItems(source: InputSource, stop: AbortSignal): Promise<ReplayItems> {
  const events: InputEvent[] = [];
  const bad: { position: number; message: string }[] = [];
  const enough = new AbortController();
  const end = AbortSignal.any([stop, enough.signal]);
  for await (const batch of source.batches(end)) {
    for (const item of batch) {
      if ('error' in item) bad.push({ position: item.position, message: item.error.message });
      else if (events.length < REPLAY_ITEMS_MAX) events.push(item.event);
      else enough.abort();
    }
  }
  if (events.length === 0 && !stop.aborted) {
    const why = bad[0] === undefined ? '' : `; the first of ${bad.length} bad ones: ${bad[0].message}`;
    throw new RingmainError('RINGMAIN_INPUT_INVALID', `${source.name} holds no events to replay${why}`, {
      allowed: 'at least one event',
    });
  }
  return { events, bad, cut: enough.signal.aborted };
}
