/**
 * Logs failed deliveries, at most so many per second and thread, and one error once: all events of a batch fail with the same. The rest are counted and
 * reported with the next one.
 * Thread: the consumer's. The log itself never blocks (see `thread-log.ts`).
 */
import type { Logger } from 'pino';
import { logFailure } from '../log/log-failure.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';

/** What is logged of a group. */
interface LoggedGroup {
  readonly name: string;
  readonly log: Logger;
}

const PER_SECOND_MAX = 10;

/** Rate-limited log of failures. */
export class FailureLog {
  private readonly context: ThreadContext;
  private second = -1;
  private written = 0;
  private suppressed = 0;
  private lastError: unknown;

  constructor(context: ThreadContext) {
    this.context = context;
  }

  /**
   * Logs that a delivery ended without success. Never throws.
   *
   * @param attempt - number of the attempt that failed, if it was one
   */
  failed(group: LoggedGroup, type: string, reason: string, error: unknown, attempt?: number): void {
    this.write(group, error, { type, reason, attempt }, 'error', 'delivery failed');
  }

  /** Logs that a handler failed and will get the event again. Never throws. */
  willRetry(group: LoggedGroup, type: string, error: unknown, attempt: number, retryInMs: number): void {
    this.write(group, error, { type, attempt, retryInMs }, 'warn', 'attempt failed');
  }

  /** Logs what a handler threw after it had settled its delivery by itself. Never throws. */
  afterwards(group: LoggedGroup, error: unknown): void {
    this.write(group, error, {}, 'warn', 'handler failed after it had settled its delivery');
  }

  private write(group: LoggedGroup, error: unknown, fields: object, level: 'warn' | 'error', text: string): void {
    const second = Math.floor(runtimeUs(this.context) / 1e6);
    if (second !== this.second) {
      this.second = second;
      this.written = 0;
      this.lastError = undefined;
    }
    const isRepeated = typeof error === 'object' && error !== null && error === this.lastError;
    if (isRepeated || this.written >= PER_SECOND_MAX) {
      this.suppressed++;
      return;
    }
    this.written++;
    this.lastError = error;
    logFailure(group.log, error, { ...fields, group: group.name, suppressed: this.suppressed }, text, level);
    this.suppressed = 0;
  }
}
