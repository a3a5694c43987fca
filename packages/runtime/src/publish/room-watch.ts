/**
 * Waits for room: once a publish was rejected, watches the links that wait and wakes everyone when all of them have room again.
 * Thread: the publisher's. The consumers ring this thread's bell when they free room; the thread loop then calls `check`.
 */
import type { OutLink } from './out-link.ts';
import type { Publisher } from './publisher.ts';

interface Wake {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

/** Waits for room in the links of one publisher. */
export class RoomWatch {
  private readonly publisher: Publisher;
  private wake: Wake | undefined;
  private watching = false;

  constructor(publisher: Publisher) {
    this.publisher = publisher;
    publisher.onRejected = () => {
      this.watching = true;
    };
  }

  /** True while a rejection stands. */
  get isWaiting(): boolean {
    return this.watching;
  }

  /** Resolves when every lane has room again: at once if none rejected. All callers share one promise. */
  ready(): Promise<void> {
    if (this.check()) return Promise.resolve();
    this.wake ??= createWake();
    return this.wake.promise;
  }

  /**
   * Looks at the lanes of every link that rejected.
   *
   * @returns true when all of them are at most half full; whoever waits is then woken
   */
  check(): boolean {
    if (!this.watching) return true;
    let allClear = true;
    for (const link of this.publisher.openedLinks()) {
      if (!link.wantsRoom) continue;
      if (halfEmpty(link)) link.wantRoom(false);
      else allClear = false;
    }
    if (allClear) this.release();
    return allClear;
  }

  /** Wakes everyone who waits, room or not; they find out by publishing. Used at close. */
  release(): void {
    this.watching = false;
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

/** Half a lane of hysteresis, so that a producer is not woken for every record that leaves. */
function halfEmpty(link: OutLink): boolean {
  return link.opened().every((lane) => lane.ring.depthBytes() * 2 <= lane.ring.capacityBytes);
}
