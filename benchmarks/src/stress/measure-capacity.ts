/**
 * Calibration: what a handler costs, and how many of them a runtime gets through when it always has something to do.
 * Thread: main.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { nowUs } from '../measure/clock.ts';
import { calibrateSpin, SPIN_TARGET_US } from '../workload/spin-work.ts';
import type { RuntimeTarget } from './runtime-target.ts';

const WARM_UP_US = 300_000;
const MEASURE_US = 200_000;
/** The best of several counts: what a neighbour on the machine takes away is not the capacity of a shard. */
const MEASUREMENTS = 5;
/** A machine that is busy with others may need longer for a number to mean anything. */
const HANDLED_MIN = 200;
/** Events under way: enough that a shard never waits, few enough that they are gone at once when it ends. */
const WINDOW = 1024;

/** Steps of work that take so long on this machine now. */
export function spinIterationsFor(us: number): number {
  return Math.round((calibrateSpin() * us) / SPIN_TARGET_US);
}

/**
 * Handled events a second at saturation, over keys from 0.
 *
 * @param slot - slot that counts them, unused until now
 */
export async function measureCapacity(target: RuntimeTarget, slot: number, keys: number): Promise<number> {
  const { board } = target;
  let index = 0;
  let accepted = 0;
  const saturate = async (us: number, handledMin: number): Promise<number> => {
    const startUs = nowUs();
    const before = board.handled(slot);
    for (let handled = before; nowUs() < startUs + us || handled < before + handledMin; handled = board.handled(slot)) {
      for (; accepted - handled < WINDOW; accepted++) {
        if (!target.offer(slot, index++ % keys, nowUs()).accepted) break;
      }
      await nextTurn();
    }
    return ((board.handled(slot) - before) * 1e6) / (nowUs() - startUs);
  };
  await saturate(WARM_UP_US, 1);
  let capacity = 0;
  for (let count = 0; count < MEASUREMENTS; count++) capacity = Math.max(capacity, await saturate(MEASURE_US, HANDLED_MIN));
  await target.settled();
  return capacity;
}
