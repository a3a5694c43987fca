/**
 * A runtime under stress, with its books: what was offered and answered per slot, and at the end whether anything is missing.
 * Thread: main.
 */
import { OutcomeCounts } from '@ringmain/cli/bench';
import type { PriorityName, PublishOutcome, Runtime } from 'ringmain';
import { createRuntime } from 'ringmain';
import type { LoadTarget } from './load-target.ts';
import { KEYS_MAX, SLOTS_MAX, StressBoard } from './stress-board.ts';
import type { StressLoad } from './stress-events.ts';
import { events } from './stress-events.ts';
import type { StoppedGroup } from './stress-setting.ts';
import { setStressSetting } from './stress-setting.ts';

/** Longest wait for what was accepted to be handled. */
const SETTLE_MS = 120_000;
/** The groups that the slots count. */
const COUNTED: ReadonlySet<string> = new Set(['work', 'beside']);
/** Outcomes that say at once that the event is gone; the groups count it as dropped all the same. */
const GONE_AT_ONCE = ['sampled', 'dropped'] as const;

const PRIORITY_OPTIONS: Readonly<Record<PriorityName, { readonly priority: PriorityName }>> = Object.freeze({
  critical: { priority: 'critical' },
  high: { priority: 'high' },
  normal: { priority: 'normal' },
  low: { priority: 'low' },
});

/** Event types of the stress scenarios. */
export type StressEvents = { 'load.offered': StressLoad; 'load.beside': StressLoad; 'load.noise': StressLoad };

/** How to start it. */
export interface RuntimeTargetOptions {
  readonly shards: number;
  /** Shards that a scenario resizes to at most. */
  readonly shardsMax?: number;
  readonly spinIterations?: number;
  readonly stopped?: StoppedGroup;
  readonly noisy?: boolean;
  /** Whether partitions move away from a hot shard. */
  readonly rebalances?: boolean;
}

/** What the books say at the end. */
export interface RuntimeBooks {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly conservation: { readonly holds: boolean };
  /** Accepted events that were neither handled nor dropped by a policy that says so. */
  readonly lost: number;
  readonly outOfOrder: number;
}

export class RuntimeTarget implements LoadTarget {
  readonly runtime: Runtime<StressEvents>;
  readonly board: StressBoard;
  /** What the events of each slot were answered. */
  readonly slots: readonly OutcomeCounts[] = Array.from({ length: SLOTS_MAX }, () => new OutcomeCounts());
  readonly #numbers = new Int32Array(KEYS_MAX);

  private constructor(runtime: Runtime<StressEvents>, board: StressBoard) {
    this.runtime = runtime;
    this.board = board;
  }

  static async start({
    shards,
    shardsMax = shards,
    spinIterations = 0,
    stopped = 'none',
    noisy = false,
    rebalances = false,
  }: RuntimeTargetOptions): Promise<RuntimeTarget> {
    const board = new StressBoard();
    setStressSetting({ buffer: board.buffer, spinIterations, stopped, noisy });
    const runtime: Runtime<StressEvents> = await createRuntime({
      events,
      config: { shards, shardsMax, warmSpare: false, log: { level: 'fatal' }, rebalance: { enabled: rebalances } },
      subscribers: [new URL('./workers/stress-handlers.js', import.meta.url)],
    });
    return new RuntimeTarget(runtime, board);
  }

  offer(slot: number, key: number, dueUs: number, priority?: PriorityName): PublishOutcome {
    return this.#publish('load.offered', { dueUs, key, slot, seq: this.#next(key) }, priority);
  }

  /** Offers an event of the other type. */
  offerBeside(slot: number, key: number, dueUs: number): PublishOutcome {
    return this.#publish('load.beside', { dueUs, key, slot, seq: 0 }, undefined);
  }

  /** Offers an event that only noisy groups take; its slot counts nothing. */
  makeNoise(key: number): boolean {
    return this.runtime.publish('load.noise', { dueUs: 0, key, slot: 0, seq: 0 }).accepted;
  }

  room(): Promise<void> {
    return this.runtime.ready();
  }

  settled(): Promise<void> {
    return this.runtime.drain({ timeoutMs: SETTLE_MS });
  }

  /** Settles, ends the threads and closes the books. */
  async close(): Promise<RuntimeBooks> {
    this.board.release();
    const { metrics, drained } = await this.runtime.close({ timeoutMs: SETTLE_MS });
    // What noisy groups are given ends so, as it should.
    const quiet = metrics.groups.filter(({ isolation }) => isolation === 'inline');
    const deadLettered = quiet.reduce((sum, group) => sum + group.deadLettered, 0);
    const outcomes = new OutcomeCounts();
    let handled = 0;
    for (const [slot, counts] of this.slots.entries()) {
      outcomes.addAll(counts);
      handled += this.board.handled(slot);
    }
    const dropped = metrics.groups
      .filter(({ name }) => COUNTED.has(name))
      .reduce((sum, group) => sum + Object.values(group.dropped).reduce((all, count) => all + count, 0), 0);
    const droppedLater = dropped - GONE_AT_ONCE.reduce((sum, status) => sum + outcomes.of(status), 0);
    const missing = outcomes.accepted - droppedLater - handled;
    return {
      outcomes: outcomes.byStatus(),
      conservation: { holds: metrics.conservation.holds && drained },
      lost: Math.max(0, missing, deadLettered + metrics.conservation.inFlight),
      outOfOrder: this.board.outOfOrder(),
    };
  }

  #next(key: number): number {
    const seq = (this.#numbers[key] ?? 0) + 1;
    this.#numbers[key] = seq;
    return seq;
  }

  #publish(type: keyof StressEvents, load: StressLoad, priority: PriorityName | undefined): PublishOutcome {
    const outcome =
      priority === undefined ? this.runtime.publish(type, load) : this.runtime.publish(type, load, PRIORITY_OPTIONS[priority]);
    this.slots[load.slot]?.add(outcome);
    return outcome;
  }
}
