/**
 * Waits for room: watches what rejected a record, and wakes everyone as soon as some of it is over. Nobody tries in the meantime.
 * Thread: the publisher's. The consumers ring this thread's bell when they free room; the thread loop then calls `check`.
 *
 * | refused by | over | told by |
 * |---|---|---|
 * | a lane | it is at most half full and would take what it rejected | the bell, `check` |
 * | credit | half of the window is there | the bell, `check` |
 * | earlier events in the stage, a partition that moves | they left, it has arrived | `HeldWatch` |
 * | rate, ladder, circuit breaker | its time | `Pauses` |
 *
 * Whoever wakes tries again and may be rejected again: a lane that is stuck holds nobody back who waits for another.
 * Invariant: whatever rejects is watched from then on until it is over. Every wait ends, at the latest when the publisher closes; an aborted one
 * leaves nothing behind.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { CreditAccount } from '@ringmain/ring';
import { RoomWanted } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import { abortedError } from './aborted-error.ts';
import type { OutLane, OutLink } from './out-link.ts';
import type { HeldWatch } from './overflow/held-watch.ts';
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
  private readonly held: HeldWatch;
  private readonly waiters = new Set<() => void>();
  private isLookDue = false;

  constructor(publisher: Publisher) {
    this.publisher = publisher;
    const { pauses, held } = publisher.overflow.refusals;
    this.pauses = pauses;
    this.held = held;
    this.pauses.onEnd = () => this.release();
    this.held.onFreed = () => this.release();
    publisher.onFull = (lane, account) => {
      this.watched.set(account ?? lane, { lane, account });
      this.wish(lane.link);
      this.lookSoon();
    };
    publisher.partitions.onChange = () => this.release();
  }

  /** True while something that rejected is not over, as far as is known. */
  get isWaiting(): boolean {
    return this.watched.size > 0 || this.held.any || this.pauses.any;
  }

  /**
   * Resolves when something that rejected has room again, or may be tried again: at once if nothing did.
   *
   * @throws (rejects) `RINGMAIN_ABORTED`
   */
  ready(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(abortedError(signal));
    if (!this.isWaiting || this.check()) return Promise.resolve();
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

  /** True while something refuses that events of a type and priority may meet: a lane, the credit of a group, or what held back or paused them. */
  concerns(type: EventType, priority: PriorityLevel): boolean {
    for (const { lane, account } of this.watched.values()) {
      if (account === undefined ? lane.priority === priority : type.targets.some(({ group }) => group === account.group))
        return true;
    }
    return this.pauses.has(type, priority) || this.held.concerns(type, priority);
  }

  /**
   * Looks at the lanes and accounts that are watched.
   *
   * @returns true when one has room again; whoever waits is then woken
   */
  check(): boolean {
    if (this.watched.size === 0) return false;
    if (this.publisher.isWriting) {
      // Asked by the user's code out of a payload: what is staged must not be committed over the half that is written.
      this.lookSoon();
      return false;
    }
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

  /** The look after the wish: says from where an account waits, and finds room that came before. Once per turn of the event loop. */
  private lookSoon(): void {
    if (this.isLookDue) return;
    this.isLookDue = true;
    setImmediate(() => {
      this.isLookDue = false;
      this.check();
    });
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
