/**
 * The loop of a consumer thread: drain within a time budget, yield to the event loop, trail the producers a little, park.
 *
 * Thread: its owner only.
 * 1. `work` is called until it finds nothing or the budget is over; then timers, promises and I/O of handlers get their turn.
 * 2. With nothing to do, relax about a microsecond and look again, as long as the trail policy says so.
 * 3. Arm the bell, look once more, and wait for a ring.
 * Invariant: whenever work is visible, the loop is running, scheduled, or about to be rung.
 */
import { Trail } from '@ringmain/policy';
import type { Doorbell } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { createRelax } from './relax.ts';

/** How a thread waits for work. */
export type WaitStrategy = 'async' | 'blocking' | 'spinning';

/** What the loop drives. */
export interface LoopWork {
  /** Does some work; returns how much, 0 for none, or a negative number when it must wait for something of its own thread. */
  work(): number;
  /** The look after arming the bell: true when there is something to do after all. */
  hasWork(): boolean;
  /** Called when the thread begins a turn, and before it parks. */
  beginTurn(): void;
  beforePark(): void;
  /** Called when the thread leaves its turn to its event loop; `parks` when that may have nothing to do meanwhile. */
  endTurn(parks: boolean): void;
}

/** Options of a loop. */
export interface LoopOptions {
  readonly budgetUs: number;
  readonly wait: WaitStrategy;
  /** Most looks of a trail; 0 parks at once. */
  readonly looksMax: number;
}

/** A blocking wait ends after this time, so that timers and control calls of the thread are served. */
const BLOCKING_SLICE_MS = 10;
/** Microseconds between two looks: long enough for dozens of records to gather, short beside the 40 us of a wake. */
const RELAX_US = 4;
/** After a drain of fewer records than this, the consumer lets some gather before it looks at the producer's line again. */
const SHORT_DRAIN = 64;

/** Loop of one thread. */
export class ThreadLoop {
  /** Time of a turn, in microseconds. */
  budgetUs: number;

  private readonly context: ThreadContext;
  private readonly bell: Doorbell;
  private readonly target: LoopWork;
  private readonly options: LoopOptions;
  private readonly trail: Trail;
  private readonly relax: () => void;
  private state: 'idle' | 'scheduled' | 'running' | 'parked' | 'stopped' = 'idle';

  constructor(context: ThreadContext, bell: Doorbell, target: LoopWork, options: LoopOptions) {
    this.context = context;
    this.bell = bell;
    this.target = target;
    this.options = options;
    this.budgetUs = options.budgetUs;
    this.trail = new Trail(Math.min(1, options.looksMax), options.looksMax);
    this.relax = createRelax(context.clock, RELAX_US);
  }

  /** Begins to run. */
  start(): void {
    this.schedule();
  }

  /** Ends the loop; nothing is drained after this call. */
  stop(): void {
    this.state = 'stopped';
    this.bell.ring();
  }

  /** Has the loop look again; for changes made by the loop's own thread. */
  kick(): void {
    if (this.state === 'parked') this.bell.ring();
  }

  private schedule(): void {
    this.state = 'scheduled';
    this.target.endTurn(false);
    setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    if (this.state === 'stopped') return;
    this.state = 'running';
    const { clock } = this.context;
    const { target, trail } = this;
    const deadline = clock.monotonicUs() + this.budgetUs;
    target.beginTurn();
    for (;;) {
      const done = target.work();
      if (this.stopped) return;
      if (done > 0) {
        trail.worked();
        if (done < SHORT_DRAIN) this.relax();
      } else if (done < 0) return this.park();
      else if (this.options.wait !== 'spinning' && !trail.empty()) return this.park();
      else this.relax();
      if (clock.monotonicUs() >= deadline) return this.schedule();
    }
  };

  private park(): void {
    this.target.beforePark();
    this.bell.arm();
    // The look after arming: a producer that committed before it saw the bell armed did not ring.
    if (this.target.hasWork()) {
      this.bell.disarm();
      return this.schedule();
    }
    this.state = 'parked';
    if (this.options.wait === 'blocking') {
      this.bell.wait(BLOCKING_SLICE_MS);
      return this.schedule();
    }
    const wait = this.bell.waitAsync();
    if (!wait.async) return this.schedule();
    this.target.endTurn(true);
    void wait.value.then(this.wake);
  }

  private readonly wake = (): void => {
    if (this.state === 'parked') this.turn();
  };

  /** A method, since the state changes behind the compiler's back while work runs. */
  private get stopped(): boolean {
    return this.state === 'stopped';
  }
}
