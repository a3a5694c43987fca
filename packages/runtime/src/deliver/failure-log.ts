/**
 * Logs failed deliveries, at most so many per second and thread; the rest are counted and reported with the next one.
 * Thread: the consumer's. The log itself never blocks (see `thread-log.ts`).
 */
import { logFailure } from '../log/log-failure.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Group } from './group.ts';

const PER_SECOND_MAX = 10;

/** Rate-limited log of failures. */
export class FailureLog {
  private readonly context: ThreadContext;
  private second = -1;
  private written = 0;
  private suppressed = 0;

  constructor(context: ThreadContext) {
    this.context = context;
  }

  /** Logs that a handler failed, or that its event was set aside. Never throws. */
  failed(group: Group, type: string, reason: string, error: unknown): void {
    const second = Math.floor(runtimeUs(this.context) / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.written = 0;
    }
    if (this.written >= PER_SECOND_MAX) {
      this.suppressed++;
      return;
    }
    this.written++;
    logFailure(group.log, error, { type, group: group.name, reason, suppressed: this.suppressed }, 'delivery failed');
    this.suppressed = 0;
  }
}
