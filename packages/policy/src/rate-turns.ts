/**
 * Shares the tokens of one bucket between a queue, and askers that come again by themselves: while both want more than there is, they take turns.
 * Pure: the caller says what time it is. Thread: the publisher's.
 *
 * An asker that was refused has what it wanted kept for it until that is there and a little longer, though for no more than a second: it may have gone.
 * Only what is more urgent than the asker goes before it then.
 * Invariant: what is granted to both together is what the bucket grants. Neither waits for more than one turn of the other, except an asker that wants
 * more than a second brings.
 */
import type { TokenBucket } from './token-bucket.ts';

/** How long tokens are kept for an asker after they are there: a few ticks of a timer. */
const GRACE_US = 5000;
/** Longest time for which a queue stands still for an asker. */
const KEEP_MAX_US = 1_000_000;

/** Who asks for tokens. */
export interface RateAsker {
  /** Tokens wanted, all or none. */
  readonly count: number;
  /** 0 is the most urgent. */
  readonly priority: number;
  /** Whether something of the same or a higher urgency waits in the queue. */
  readonly isBehind: boolean;
  /** Whether anything waits in the queue. */
  readonly isBeside: boolean;
}

/** The turns of one bucket. */
export class RateTurns {
  private readonly bucket: TokenBucket;
  /** Whose turn was last. */
  private last: 'queue' | 'asker' = 'queue';
  private kept = 0;
  private keptPriority = 0;
  private keptUntilUs = -Infinity;

  constructor(bucket: TokenBucket) {
    this.bucket = bucket;
  }

  /** True while tokens are kept for an asker. */
  isKeeping(nowUs: number): boolean {
    return this.last === 'queue' && nowUs < this.keptUntilUs;
  }

  /** Takes tokens for an asker; false if it has to come again. */
  ask({ count, priority, isBehind, isBeside }: RateAsker, nowUs: number): boolean {
    const { bucket } = this;
    const isTurn = !isBehind || this.last === 'queue';
    if (isTurn && bucket.take(count, nowUs)) {
      this.last = 'asker';
      this.keptUntilUs = -Infinity;
      return true;
    }
    if (isBeside && (nowUs >= this.keptUntilUs || count < this.kept)) {
      this.kept = count;
      this.keptPriority = priority;
      this.keptUntilUs = nowUs + Math.min(KEEP_MAX_US, bucket.waitUs(count, nowUs)) + GRACE_US;
    }
    return false;
  }

  /**
   * Takes a token for what queues.
   *
   * @param priority - its urgency, 0 is the highest
   * @returns 0 when it got one, else microseconds until it is worth asking again
   */
  next(priority: number, nowUs: number): number {
    const { bucket } = this;
    const isKept = this.isKeeping(nowUs) && priority >= this.keptPriority;
    const wanted = isKept ? this.kept + 1 : 1;
    if (bucket.available(nowUs) >= wanted && bucket.take(1, nowUs)) {
      this.last = 'queue';
      return 0;
    }
    const waitUs = bucket.waitUs(wanted, nowUs);
    return isKept ? Math.max(1, Math.min(waitUs, this.keptUntilUs - nowUs)) : waitUs;
  }
}
