/**
 * Whether a runtime keeps the process alive. Workers that wait asynchronously hold nothing, and the bell of the main thread neither; so a timer does.
 * Thread: main.
 */
import type { CoordinatorLink } from './control/coordinator-link.ts';

/** The timer of one runtime, and the reference to its threads. */
export class KeepAlive {
  private readonly coordinator: CoordinatorLink | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(coordinator: CoordinatorLink | undefined) {
    this.coordinator = coordinator;
  }

  /** Keeps the process alive from now on. */
  ref(): void {
    this.timer ??= setInterval(() => {}, 2 ** 30);
    this.coordinator?.setReferenced(true);
  }

  /** Lets it end. */
  unref(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.coordinator?.setReferenced(false);
  }

  /** Keeps the process alive while something is waited for; after that it is as before. */
  async during<Result>(wait: () => Promise<Result>): Promise<Result> {
    const held = this.timer !== undefined;
    this.ref();
    try {
      return await wait();
    } finally {
      if (!held) this.unref();
    }
  }
}
