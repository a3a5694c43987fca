/**
 * Whether a runtime keeps the process alive. Workers that wait asynchronously hold nothing, and the bell of the main thread neither; so a timer does.
 * Thread: main.
 */
import type { CoordinatorLink } from './control/coordinator-link.ts';

/** The timer of one runtime, and the reference to its threads. */
export class KeepAlive {
  private readonly coordinator: Pick<CoordinatorLink, 'setReferenced'> | undefined;
  /** What the user wishes. */
  private isWanted = false;
  /** Waits that hold it, whatever the user wishes. */
  private waits = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(coordinator: Pick<CoordinatorLink, 'setReferenced'> | undefined) {
    this.coordinator = coordinator;
  }

  /** Keeps the process alive from now on. */
  ref(): void {
    this.isWanted = true;
    this.apply();
  }

  /** Lets it end, once nothing is waited for any more. */
  unref(): void {
    this.isWanted = false;
    this.apply();
  }

  /** Keeps the process alive while something is waited for; after that others who wait decide, and what was said last. */
  async during<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.waits++;
    this.apply();
    try {
      return await wait();
    } finally {
      this.waits--;
      this.apply();
    }
  }

  private apply(): void {
    const holds = this.isWanted || this.waits > 0;
    // Threads that were ended have been let go; nobody but a change of mind holds them again.
    if (holds === (this.timer !== undefined)) return;
    clearInterval(this.timer);
    this.timer = holds ? setInterval(() => {}, 2 ** 30) : undefined;
    this.coordinator?.setReferenced(holds);
  }
}
