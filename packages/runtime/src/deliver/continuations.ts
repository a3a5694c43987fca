/**
 * Time that continuations of asynchronous handlers take between the turns of a shard: measured as a whole, and charged to the priorities whose deliveries
 * are under way.
 * Thread: the consumer's.
 *
 * 1. At the end of a turn the clock is read if asynchronous deliveries are under way; and, where the thread parks, how long its event loop has been idle.
 * 2. When the next turn begins, what has passed without being idle was work: continuations, timers, I/O. It is charged to whoever was under way at any
 *    time in between, most of it to what began in the turn before and to what has ended since.
 * Not on the main thread: what it does between turns is its host's. Deliveries of groups with threads of their own do not count: their handlers run
 * elsewhere.
 */
import { ContinuationShares } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';

/** Continuations of one thread. */
export class Continuations {
  private readonly context: ThreadContext;
  private readonly charge: (priority: number, us: number) => void;
  private readonly shares = new ContinuationShares();
  /** Deliveries under way, by priority; and those that are or were since the end of the turn. */
  private readonly underWay = [0, 0, 0, 0];
  private readonly since = [0, 0, 0, 0];
  /** Those that began in the turn or since, and those that ended since. */
  private readonly moved = [0, 0, 0, 0];
  private count = 0;
  private isMeasuring = false;
  private endedUs = 0;
  /** Idle time of the event loop so far, if it may be idle now. */
  private idleUs: number | undefined;

  /** @param charge - takes the time of a priority, in microseconds */
  constructor(context: ThreadContext, charge: (priority: number, us: number) => void) {
    this.context = context;
    this.charge = charge;
  }

  /** A delivery goes on after its turn. */
  began(priority: number): void {
    this.underWay[priority] = (this.underWay[priority] as number) + 1;
    this.since[priority] = (this.since[priority] as number) + 1;
    this.moved[priority] = (this.moved[priority] as number) + 1;
    this.count++;
  }

  /** It is over. */
  ended(priority: number): void {
    this.underWay[priority] = (this.underWay[priority] as number) - 1;
    this.moved[priority] = (this.moved[priority] as number) + 1;
    this.count--;
  }

  /**
   * The thread leaves a turn.
   *
   * @param parks - true when its event loop may have to wait, and not only to go round
   */
  leave(parks: boolean): void {
    const { clock, thread } = this.context;
    this.isMeasuring = this.count > 0 && clock.idleUs !== undefined && thread !== MAIN_THREAD;
    if (!this.isMeasuring) return;
    for (const [priority, count] of this.underWay.entries()) this.since[priority] = count;
    this.endedUs = runtimeUs(this.context);
    this.idleUs = parks ? this.loopIdleUs() : undefined;
  }

  /** The thread begins a turn. */
  enter(nowUs: number): void {
    const { shares, since, moved } = this;
    if (this.isMeasuring) {
      this.isMeasuring = false;
      const idleUs = this.idleUs === undefined ? 0 : this.loopIdleUs() - this.idleUs;
      const activeUs = nowUs - this.endedUs - idleUs;
      if (activeUs > 0) {
        shares.divide(activeUs, since, moved);
        for (const [priority, us] of shares.partsUs.entries()) if (us > 0) this.charge(priority, us);
      }
    }
    moved.fill(0);
  }

  private loopIdleUs(): number {
    return this.context.clock.idleUs?.() ?? 0;
  }
}
