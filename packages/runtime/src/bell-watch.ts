/**
 * Has a look taken whenever a bell is rung, and at most every two milliseconds.
 *
 * Thread: the owner of the bell. After a look the bell stays unarmed while rings gather: a thousand of them a second cost no more than five hundred
 * looks. Whoever rang meanwhile is found by the look after arming.
 * Invariant: what was made visible before a ring is seen by a look that begins afterwards, until `stop`.
 */
import type { Doorbell } from '@ringmain/ring';

/** Time in which rings gather. */
const GATHER_MS = 2;

/** Watches one bell. */
export class BellWatch {
  private readonly bell: Doorbell;
  private readonly look: () => void;
  private gathering: NodeJS.Timeout | undefined;
  private state: 'idle' | 'watching' | 'stopped' = 'idle';

  constructor(bell: Doorbell, look: () => void) {
    this.bell = bell;
    this.look = look;
  }

  /** Begins to watch; does nothing where it does so already, or no longer. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'watching';
    this.listen();
  }

  /** Watches no more. */
  stop(): void {
    this.state = 'stopped';
    clearTimeout(this.gathering);
    this.bell.rouse();
  }

  private readonly listen = (): void => {
    if (this.state === 'stopped') return;
    this.bell.arm();
    // The look after arming: who rang before found the bell unarmed.
    this.look();
    const wait = this.bell.waitAsync();
    if (wait.async) void wait.value.then(this.rung);
    else this.gather();
  };

  private readonly rung = (): void => {
    if (this.state === 'stopped') return;
    this.look();
    this.gather();
  };

  private gather(): void {
    this.gathering = setTimeout(this.listen, GATHER_MS).unref();
  }
}
