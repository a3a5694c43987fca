/**
 * Shares the tokens of one bucket between a queue, and askers that come again by themselves: while both want more than there is, they take turns.
 * Pure: the caller says what time it is. Thread: the publisher's.
 *
 * An asker that was refused while a queue waits has what it wanted kept for it until that is there and a little longer. One that does not come by then
 * has gone; what was kept is the queue's.
 * Invariant: what is granted to both together is what the bucket grants, and neither waits for more than one turn of the other.
 */
import type { TokenBucket } from './token-bucket.ts';

/** How long tokens are kept for an asker after they are there: a few ticks of a timer. */
const GRACE_US = 5000;

/** The turns of one bucket. */
export class RateTurns {
  private readonly bucket: TokenBucket;
  /** Whose turn was last. */
  private last: 'queue' | 'asker' = 'queue';
  private kept = 0;
  private keptUntilUs = -Infinity;

  constructor(bucket: TokenBucket) {
    this.bucket = bucket;
  }

  /**
   * Takes tokens for an asker.
   *
   * @param count - tokens wanted, all or none
   * @param isQueued - whether a queue waits for tokens too
   */
  ask(count: number, nowUs: number, isQueued: boolean): boolean {
    const { bucket } = this;
    const isTurn = !isQueued || this.last === 'queue';
    if (isTurn && bucket.take(count, nowUs)) {
      this.last = 'asker';
      this.keptUntilUs = -Infinity;
      return true;
    }
    if (isQueued && (nowUs >= this.keptUntilUs || count < this.kept)) {
      this.kept = count;
      this.keptUntilUs = nowUs + bucket.waitUs(count, nowUs) + GRACE_US;
    }
    return false;
  }

  /**
   * Takes a token for the queue.
   *
   * @returns 0 when it got one, else microseconds until it is worth asking again
   */
  next(nowUs: number): number {
    const { bucket } = this;
    const isKept = this.last === 'queue' && nowUs < this.keptUntilUs;
    const wanted = isKept ? this.kept + 1 : 1;
    if (bucket.available(nowUs) >= wanted && bucket.take(1, nowUs)) {
      this.last = 'queue';
      return 0;
    }
    const waitUs = bucket.waitUs(wanted, nowUs);
    return isKept ? Math.max(1, Math.min(waitUs, this.keptUntilUs - nowUs)) : waitUs;
  }
}
