/**
 * Tells publishers how full things are: what every outcome carries beside success.
 * Thread: the publisher's.
 */
import type { Pressure } from '@ringmain/core';
import { PRIORITY_NAMES } from '@ringmain/core';
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';
import type { Refusal } from '../record-group.ts';
import { RetryEstimate } from './retry-estimate.ts';

/** Bytes of one unit of a lane's positions. */
const UNIT_BYTES = 8;

/** Pressure as one publisher sees it. */
export class PressureGauge {
  private readonly context: ThreadContext;
  /** By lane or account. */
  private readonly estimates = new WeakMap<object, RetryEstimate>();

  constructor(context: ThreadContext) {
    this.context = context;
  }

  /** The state of a lane, or of the account behind it, that had no room. */
  read({ lane, credit }: Pick<Refusal, 'lane' | 'credit'>, staged: number): Pressure {
    const { ring } = lane;
    const depthBytes = ring.depthBytes();
    const account = credit?.blocked;
    const measured = account ?? lane;
    const estimate = this.estimates.get(measured) ?? new RetryEstimate();
    this.estimates.set(measured, estimate);
    const nowUs = runtimeUs(this.context);
    const head = (ring.sealedTail - depthBytes / UNIT_BYTES) | 0;
    const retryAfterMs =
      account === undefined
        ? estimate.observe(head, (depthBytes - ring.capacityBytes / 2) / UNIT_BYTES, nowUs)
        : estimate.observe(account.limitUnits, Math.max(1, 1 - account.look()), nowUs);
    const priority = PRIORITY_NAMES[lane.priority] as string;
    return { priority, depthBytes, capacityBytes: ring.capacityBytes, staged, retryAfterMs };
  }
}
