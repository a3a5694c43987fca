/** The shared memory of a runtime without its threads: the test writes what threads would say, moves the clock, and reads what the controller decided. */
import { HEADER_TIME_LO_WORD } from '@ringmain/codec';
import { LIMITS } from '@ringmain/core';
import {
  BAY_SLOT_WORDS,
  BayRun,
  CELL_BYTES,
  CreditWord,
  LinkWord,
  RecordKind,
  SlotWord,
  ThreadCell,
  ThreadPhase,
  ThreadWord,
  WEIGHT_UNITS,
  addToCell,
  allocateMemory,
  bayWords,
  creditIndex,
  laneNumber,
  laneWords,
  linkIndex,
  planMemory,
} from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { pino } from 'pino';
import type { RuntimeConfigInput } from '../../dist/config/config-schema.js';
import { parseConfig } from '../../dist/config/parse-config.js';
import type { ControllerPorts } from '../../dist/coordinator/controller.js';
import { Controller } from '../../dist/coordinator/controller.js';
import type { GroupDescription } from '../../dist/subscribers/load-subscribers.js';
import { threadContext } from '../../dist/thread-context.js';

const MIB = 1024 * 1024;
const FRAME_WORDS = 2;
const TYPES = ['order.paid', 'order.placed'];
/** Units that the main thread has by default, and all shards together: a third of three quarters of 1,024 slots. */
const DEFAULTS_UNITS = 256;
/** Microseconds between two ticks. */
export const TICK_US = 100_000;

export interface ControlOptions {
  readonly shards?: number;
  readonly groups?: readonly string[];
  readonly config?: RuntimeConfigInput;
  readonly inspected?: () => Promise<boolean>;
}

/** One runtime's words. */
export class ControlMemory {
  readonly clock = manualClock();
  readonly notices: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[] = [];
  readonly terminated: number[] = [];
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  rssBytes = 0;
  /** What the last tick answered. */
  wanted = false;

  readonly context;
  private readonly described: readonly GroupDescription[];
  private readonly controller: Controller;
  private readonly control: Int32Array;
  private readonly given: RuntimeConfigInput;
  private rejectedPerTick = 0;
  private takenPerTick = 0;

  constructor({ shards = 1, groups = ['billing'], config = {}, inspected = () => Promise.resolve(false) }: ControlOptions = {}) {
    const plan = planMemory({ shards, laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096, baySlots: 1024, bayBytes: MIB });
    this.given = {
      shards,
      bay: { slots: 1024, bytes: MIB },
      flow: { memoryLimitMb: 1000, ...config.flow },
      ...(config.watchdog === undefined ? {} : { watchdog: config.watchdog }),
      ...(config.restart === undefined ? {} : { restart: config.restart }),
      ...(config.scheduling === undefined ? {} : { scheduling: config.scheduling }),
    };
    const parsed = parseConfig(this.given);
    const fixed = {
      epochUs: 0,
      epochWallMs: 0,
      nonceHigh: 1,
      nonceLow: 1,
      subscribers: [],
      eventsModule: undefined,
      eventsHash: 0,
    };
    const seed = { ...fixed, config: parsed, plan, memory: allocateMemory(plan), types: TYPES };
    this.context = threadContext(seed, 0, { clock: this.clock });
    this.control = this.context.control;
    for (let thread = 0; thread <= shards; thread++) this.set(thread, ThreadWord.phase, ThreadPhase.running);
    this.clock.advance(1);
    const ports: ControllerPorts = {
      log: pino(
        { level: 'info' },
        { write: (line: string) => void this.lines.push(JSON.parse(line) as Record<string, unknown>) },
      ),
      notice: (name, data) => void this.notices.push({ name, data: { ...data } }),
      terminate: (shard) => void this.terminated.push(shard),
      inspected,
      rssBytes: () => this.rssBytes,
    };
    this.described = groups.map((name) => ({
      name,
      patterns: ['order.*'],
      whenFull: 'backpressure' as const,
      isolation: 'inline' as const,
    }));
    this.controller = new Controller(this.context, this.described, ports);
  }

  /** Lets some ticks pass; all threads that are not named begin turns meanwhile. */
  ticks(count: number, { still = [] }: { readonly still?: readonly number[] } = {}): void {
    for (let tick = 0; tick < count; tick++) {
      this.clock.advance(TICK_US);
      for (const thread of this.context.seed.plan.threads.keys())
        if (!still.includes(thread)) this.set(thread, ThreadWord.heartbeat, this.get(thread, ThreadWord.heartbeat) + 1);
      addToCell(this.control, this.cell(0, ThreadCell.rejected), this.rejectedPerTick);
      addToCell(this.control, this.context.seed.plan.threads[0]!.typeCells >> 2, this.takenPerTick); // main has cells
      this.wanted = this.controller.tick(this.clock.monotonicUs());
    }
  }

  /** Puts another configuration in place. */
  reload(input: RuntimeConfigInput): void {
    this.context.live.replace(parseConfig({ ...this.given, ...input }));
  }

  /** From now on publishers are turned away, or no longer. */
  turnAway(perTick: number): void {
    this.rejectedPerTick = perTick;
  }

  get(thread: number, word: number): number {
    return this.control[(this.context.seed.plan.threads[thread]!.words >> 2) + word] as number; // every thread has a block
  }

  set(thread: number, word: number, value: number): void {
    this.control[(this.context.seed.plan.threads[thread]!.words >> 2) + word] = value; // every thread has a block
  }

  addCell(thread: number, cell: number, amount: number): void {
    addToCell(this.control, this.cell(thread, cell), amount);
  }

  /** Has a consumer tell that the oldest event of a priority waits for so long; 0 empties the lane. */
  wait(consumer: number, priority: number, us: number): void {
    const link = linkIndex(this.context.seed.plan, 0, consumer);
    this.control[link + LinkWord.lanesInUse] = 0b1_1111;
    this.control[link + LinkWord.tail + priority] = (this.control[link + LinkWord.head + priority] as number) + (us > 0 ? 8 : 0);
    this.set(consumer, ThreadWord.sojourn + priority, us);
  }

  /** Moves one of the credit words of a producer with a group of a consumer. */
  credit(word: keyof typeof CreditWord, producer: number, consumer: number, group: number, by: number): void {
    const index = creditIndex(this.context.seed.plan, producer, consumer) + CreditWord[word] + group;
    this.control[index] = ((this.control[index] as number) + by) | 0;
    // The consumer keeps the limit at what was returned plus the default share.
    const groups = this.described.length;
    const base = creditIndex(this.context.seed.plan, producer, consumer) + group;
    const share = (DEFAULTS_UNITS * (producer === 0 ? 1 : 1 / (this.context.seed.plan.threadCount - 1))) / groups;
    this.control[base + CreditWord.limit] = ((this.control[base + CreditWord.returned] as number) + share) | 0;
  }

  /** From now on so many events are accepted per tick. */
  take(perTick: number): void {
    this.takenPerTick = perTick;
  }

  /** Has a consumer grant a producer no more than so many units. */
  narrow(producer: number, consumer: number, units: number): void {
    const base = creditIndex(this.context.seed.plan, producer, consumer);
    this.control[base + CreditWord.limit] = ((this.control[base + CreditWord.returned] as number) + units) | 0;
  }

  share(producer: number, consumer: number, group = 0): number {
    return this.control[creditIndex(this.context.seed.plan, producer, consumer) + CreditWord.share + group] as number;
  }

  weight(consumer: number, priority: number): number {
    return this.get(consumer, ThreadWord.weights + priority) / WEIGHT_UNITS;
  }

  /** Has a shard be in a handler: step `step` of an event of type `type` from the main thread. */
  enter(shard: number, type: number, step: number): void {
    const thread = shard + 1;
    const { plan, memory } = this.context.seed;
    const { data, progressIndex } = laneWords(plan, memory, 0, thread, 2);
    const position = this.control[progressIndex] as number;
    const index = (position & (data.length / 2 - 1)) << 1;
    data.set([64, RecordKind.event, type], index);
    data[index + FRAME_WORDS + HEADER_TIME_LO_WORD] = 1;
    this.set(thread, ThreadWord.ledgerStep, (step << 2) | 1);
    this.set(thread, ThreadWord.ledgerLane, laneNumber(0, 2));
    this.set(thread, ThreadWord.ledgerPosition, position);
    this.set(thread, ThreadWord.ledgerStartedUs, this.clock.monotonicUs() | 0);
  }

  /** Has a shard be in a handler that was called with a delivery in the bay: step `step` of an event of type `type` from the main thread. */
  enterBay(shard: number, type: number, step: number, slot = 3): void {
    const thread = shard + 1;
    const { slots, bodies } = bayWords(this.context.seed.plan, this.context.seed.memory, thread);
    const base = slot * BAY_SLOT_WORDS;
    slots[base + SlotWord.lane] = laneNumber(0, 2);
    slots[base + SlotWord.position] = 7;
    slots[base + SlotWord.step] = step;
    slots[base + SlotWord.bodyChunk] = slot;
    bodies[(slot * LIMITS.bayChunkBytes) >> 2] = type;
    this.bayRun(shard).begin(slot, this.clock.monotonicUs() | 0);
  }

  /** Has the handler return that was called with a delivery in the bay. */
  leaveBay(shard: number): void {
    this.set(shard + 1, ThreadWord.runSlot, 0);
  }

  private bayRun(shard: number): BayRun {
    const { plan, memory } = this.context.seed;
    return new BayRun(this.control, plan.threads[shard + 1]!.words >> 2, bayWords(plan, memory, shard + 1).slots); // every thread has a block
  }

  /** Has the handler return: its record is passed. */
  leave(shard: number): void {
    const { plan, memory } = this.context.seed;
    const { progressIndex } = laneWords(plan, memory, 0, shard + 1, 2);
    this.control[progressIndex] = (this.control[progressIndex] as number) + 9;
  }

  private cell(thread: number, cell: number): number {
    return (this.context.seed.plan.threads[thread]!.cells + cell * CELL_BYTES) >> 2; // every thread has cells
  }
}
