/**
 * Waits for room: watches the lanes that rejected a record, and wakes everyone as soon as one of them is at most half full and would
 * take what it rejected.
 * Thread: the publisher's. The consumers ring this thread's bell when they free room; the thread loop then calls `check`.
 *
 * Whoever wakes tries again and may be rejected again: a lane that is stuck holds nobody back who waits for another.
 */
import type { OutLane } from './out-link.ts';
import type { Publisher } from './publisher.ts';

interface Wake {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Waits for room in the lanes of one publisher. */
export class RoomWatch {
  private readonly watched = new Set<OutLane>();
  private wake: Wake | undefined;

  constructor(publisher: Publisher) {
    publisher.onFull = (lane) => this.watched.add(lane);
  }

  /** True while a lane is watched. */
  get isWaiting(): boolean {
    return this.watched.size > 0;
  }

  /** Resolves when a lane that rejected has room again: at once if none did. All callers share one promise. */
  ready(): Promise<void> {
    if (this.check()) return Promise.resolve();
    this.wake ??= createWake();
    return this.wake.promise;
  }

  /**
   * Looks at the watched lanes.
   *
   * @returns true when none was watched, or one has room again; whoever waits is then woken
   */
  check(): boolean {
    if (this.watched.size === 0) return true;
    let cleared = false;
    for (const lane of this.watched) {
      const { ring, link } = lane;
      // Half a lane is not enough for a large record that would wrap; woken too early, its sender would try for ever.
      if (!ring.hasRoomAgain()) continue;
      this.watched.delete(lane);
      if (![...this.watched].some((other) => other.link === link)) link.wantRoom(false);
      cleared = true;
    }
    if (cleared) this.release();
    return cleared;
  }

  /** Wakes everyone who waits, room or not; they find out by publishing. Used at close. */
  release(): void {
    this.wake?.resolve();
    this.wake = undefined;
  }
}

function createWake(): Wake {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
