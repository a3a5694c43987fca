/**
 * Waits for room: watches the lanes and the accounts that rejected a record, and wakes everyone as soon as a lane is at most half full and
 * would take what it rejected, or an account has credit again.
 * Thread: the publisher's. The consumers ring this thread's bell when they free room; the thread loop then calls `check`.
 *
 * Whoever wakes tries again and may be rejected again: a lane that is stuck holds nobody back who waits for another.
 */
import type { CreditAccount } from '@ringmain/ring';
import { RoomWanted } from '@ringmain/ring';
import type { OutLane, OutLink } from './out-link.ts';
import type { Publisher } from './publisher.ts';
import type { Wake } from './wake.ts';
import { createWake } from './wake.ts';

/** Something that was full: a lane, or the credit with one group behind it. */
interface Watched {
  readonly lane: OutLane;
  readonly account: CreditAccount | undefined;
}

/** Waits for room in the lanes of one publisher. */
export class RoomWatch {
  /** By lane or account; bounded by them. */
  private readonly watched = new Map<OutLane | CreditAccount, Watched>();
  private readonly publisher: Publisher;
  private wake: Wake | undefined;
  private pauseTimer: NodeJS.Timeout | undefined;

  constructor(publisher: Publisher) {
    this.publisher = publisher;
    publisher.onFull = (lane, account) => {
      this.watched.set(account ?? lane, { lane, account });
      this.wish(lane.link);
    };
    publisher.onPause = (ms) => this.pause(ms);
    publisher.partitions.onChange = () => this.release();
  }

  /** True while something is watched. */
  get isWaiting(): boolean {
    return this.watched.size > 0;
  }

  /** Resolves when something that rejected has room again: at once if nothing did. All callers share one promise. */
  ready(): Promise<void> {
    if (this.check()) return Promise.resolve();
    this.wake ??= createWake();
    return this.wake.promise;
  }

  /** True while something is watched that events with a priority and a set of groups may go through. */
  concerns(priority: number, groups: ReadonlySet<number>): boolean {
    for (const { lane, account } of this.watched.values()) {
      if (account === undefined ? lane.priority === priority : groups.has(account.group)) return true;
    }
    return this.pauseTimer !== undefined;
  }

  /**
   * Looks at what is watched.
   *
   * @returns true when nothing was watched, or something has room again; whoever waits is then woken
   */
  check(): boolean {
    if (this.watched.size === 0) return this.pauseTimer === undefined;
    let cleared = false;
    for (const [key, { lane, account }] of this.watched) {
      // Half a lane is not enough for a large record that would wrap; woken too early, its sender would try for ever.
      if (!(account === undefined ? lane.ring.hasRoomAgain() : account.hasRoomAgain())) continue;
      this.watched.delete(key);
      this.wish(lane.link);
      cleared = true;
    }
    if (!cleared) return false;
    // What was staged goes first; what of it finds no room is watched again.
    this.publisher.overflow.pump();
    this.release();
    return true;
  }

  /** Has waits take at least so long, since it is not room that is missing. */
  private pause(ms: number): void {
    this.pauseTimer ??= setTimeout(() => {
      this.pauseTimer = undefined;
      this.release();
    }, ms).unref();
  }

  /** Ends a pause before its time: what it waited for is another thing now. */
  resume(): void {
    clearTimeout(this.pauseTimer);
    this.pauseTimer = undefined;
    this.release();
  }

  /** Wakes everyone who waits, room or not; they find out by publishing. Used at close. */
  release(): void {
    this.wake?.resolve();
    this.wake = undefined;
  }

  /** Tells the consumer of a link what is waited for. */
  private wish(link: OutLink): void {
    let wanted = 0;
    for (const { lane, account } of this.watched.values()) {
      if (lane.link === link) wanted |= account === undefined ? RoomWanted.lane : RoomWanted.credit;
    }
    link.wantRoom(wanted);
  }
}
