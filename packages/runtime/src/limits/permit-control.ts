/**
 * The bounds of bulkheads over all shards: has permits leased to the threads that have use for them.
 *
 * Thread: the coordinator. With `shards: 0` there is one consumer, and its own limit is the bound.
 * 1. `tick` looks at every bulkhead that has such a bound: once a tick of the coordinator.
 * 2. In between, threads ring: for a first delivery that waits for a permit, a permit that came back beyond a quota, and permits to spare while others want some.
 * 3. A look reads what threads use and want, has the policy decide, and sets the quotas as far as that can be done now (`PermitBoard`). Threads that have more
 *    than before are woken.
 * Invariant: without such bounds it does nothing, and takes no bell.
 */
import { PermitLeases, isContended } from '@ringmain/policy';
import { Doorbell, MAIN_THREAD, PermitBoard, ThreadPhase, ThreadWord } from '@ringmain/ring';
import { BellWatch } from '../bell-watch.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import { bulkheadSeats } from './bulkhead-seats.ts';

/** One bulkhead with a bound over all shards. */
interface Lease {
  readonly number: number;
  readonly board: PermitBoard;
  readonly plan: PermitLeases;
  /** 0 once a reload took the bound away. */
  total: number;
}

/** Ticks for which a thread keeps its last permit while another has none. */
const HOLD_TICKS = 2;
const US_PER_MS = 1000;

/** Bounds over all shards of one runtime. */
export class PermitControl {
  private readonly context: ThreadContext;
  private readonly groups: readonly GroupDescription[];
  private readonly hurry: () => void;
  private readonly bells: readonly Doorbell[];
  private readonly watch: BellWatch;
  private leases: readonly Lease[] = [];
  private started = false;

  /**
   * @param groups - groups of the subscriber modules, in the order of their numbers
   * @param hurry - called after a look that a ring asked for, when another is worth having soon
   */
  constructor(context: ThreadContext, groups: readonly GroupDescription[], hurry: () => void) {
    const { atomics, control, seed, live } = context;
    const { threads, permitBell } = seed.plan;
    this.context = context;
    this.groups = groups;
    this.hurry = hurry;
    this.bells = threads.map(({ words }) => new Doorbell(atomics, control, (words >> 2) + ThreadWord.bell));
    this.watch = new BellWatch(new Doorbell(atomics, control, permitBell >> 2), () => {
      if (this.tick(runtimeUs(this.context))) this.hurry();
    });
    this.configure(seed.config);
    live.watch(['bulkheads', 'coordinator'], (config) => {
      this.configure(config);
      if (this.started) this.start();
      this.tick(runtimeUs(context));
    });
  }

  /** Spreads all permits, and listens to rings from now on. */
  start(): void {
    this.started = true;
    if (this.leases.length > 0) this.watch.start();
  }

  /** Listens no more. */
  stop(): void {
    this.started = false;
    this.watch.stop();
  }

  /**
   * Looks at every bulkhead.
   *
   * @returns true while a thread wants more than it has
   */
  tick(nowUs: number): boolean {
    let contended = false;
    for (const lease of this.leases) {
      const wasContended = this.look(lease, nowUs);
      // What a thread gave up just before it could see that others want it, it did not offer.
      if (wasContended) this.look(lease, nowUs);
      contended ||= wasContended;
    }
    return contended;
  }

  private look({ board, plan, total }: Lease, nowUs: number): boolean {
    const { threads } = this.context.seed.plan;
    const readings = threads.map((_, thread) => ({ present: this.isPresent(thread), ...board.counts(thread) }));
    const contended = total > 0 && isContended(readings);
    const targets = total === 0 ? readings.map(() => 0) : plan.plan(readings, nowUs);
    for (const thread of board.lease(total, targets, contended)) this.bells[thread]?.ring();
    return contended;
  }

  private isPresent(thread: number): boolean {
    if (thread === MAIN_THREAD) return false;
    const { atomics, control, seed } = this.context;
    const phase = atomics.load(control, ((seed.plan.threads[thread]?.words ?? 0) >> 2) + ThreadWord.phase);
    return phase !== ThreadPhase.absent && phase !== ThreadPhase.stopped;
  }

  private configure(config: RuntimeConfig): void {
    const users = this.groups.map((group, number) => ({ number, ...group }));
    const seats = bulkheadSeats(config, users).filter(({ options }) => options.globalConcurrency !== undefined);
    const holdUs = HOLD_TICKS * config.coordinator.tickMs * US_PER_MS;
    const totals = new Map(seats.map(({ number, options }) => [number, options.globalConcurrency as number]));
    for (const lease of this.leases) {
      lease.total = totals.get(lease.number) ?? 0;
      lease.plan.configure(lease.total, holdUs);
      totals.delete(lease.number);
    }
    this.leases = [...this.leases, ...[...totals].map(([number, total]) => this.create(number, total, holdUs))];
  }

  private create(number: number, total: number, holdUs: number): Lease {
    const { atomics, control, seed } = this.context;
    const bases = seed.plan.threads.map(({ permits }) => (permits >> 2) + number);
    const plan = new PermitLeases(bases.length, total, holdUs);
    return { number, board: new PermitBoard(atomics, control, bases), plan, total };
  }
}
