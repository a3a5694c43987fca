/**
 * Waits for room: watches the lanes and the accounts that rejected a record, and wakes everyone as soon as a lane is at most half full and
 * would take what it rejected, or an account has credit again.
 * Thread: the publisher's. The consumers ring this thread's bell when they free room; the thread loop then calls `check`.
 *
 * Whoever wakes tries again and may be rejected again: a lane that is stuck holds nobody back who waits for another. Refusals that are not for
 * want of room end by time, see `Pauses`.
 * Invariant: every wait ends, at the latest when the publisher closes; an aborted one leaves nothing behind.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { CreditAccount } from '@ringmain/ring';
import { RoomWanted } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import { abortedError } from './aborted-error.ts';
import type { OutLane, OutLink } from './out-link.ts';
import type { Pauses } from './pauses.ts';
import type { Publisher } from './publisher.ts';

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
  private readonly pauses: Pauses;
  private readonly waiters = new Set<() => void>();

  constructor(publisher: Publisher) {
    this.publisher = publisher;
    this.pauses = publisher.overflow.pauses;
    this.pauses.onEnd = () => this.release();
    publisher.onFull = (lane, account) => {
      this.watched.set(account ?? lane, { lane, account });
      this.wish(lane.link);
    };
    publisher.partitions.onChange = () => this.resume();
  }

  /** True while something is watched. */
  get isWaiting(): boolean {
    return this.watched.size > 0;
  }

  /**
   * Resolves when something that rejected has room again, or may be tried again: at once if nothing did.
   *
   * @throws (rejects) `RINGMAIN_ABORTED`
   */
  ready(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(abortedError(signal));
    if (this.check()) return this.nextTry();
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = (): void => {
        this.waiters.delete(wake);
        reject(abortedError(signal as AbortSignal));
      };
      this.waiters.add(wake);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /**
   * Resolves when it is worth trying again though nothing is watched: at once, or in the next turn of the event loop while events wait in the stage or
   * partitions move, which only other turns bring forward.
   */
  nextTry(): Promise<void> {
    const { overflow, partitions } = this.publisher;
    return overflow.staged > 0 || partitions.view.isMoving ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve();
  }

  /** True while something refuses that events of a type and priority may meet: a lane, the credit of a group, or a pause of their own. */
  concerns(type: EventType, priority: PriorityLevel): boolean {
    for (const { lane, account } of this.watched.values()) {
      if (account === undefined ? lane.priority === priority : type.targets.some(({ group }) => group === account.group))
        return true;
    }
    return this.pauses.has(type, priority);
  }

  /**
   * Looks at what is watched.
   *
   * @returns true when nothing was watched, or something has room again; whoever waits is then woken
   */
  check(): boolean {
    if (this.watched.size === 0) return !this.pauses.any;
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

  /** Ends all pauses before their time: what they waited for is another thing now. */
  resume(): void {
    this.pauses.clear();
    this.release();
  }

  /** Wakes everyone who waits, room or not; they find out by publishing. Used at close. */
  release(): void {
    for (const wake of this.waiters) {
      this.waiters.delete(wake);
      wake();
    }
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
