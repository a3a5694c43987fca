/** Records in lanes, a consumer that dies and is replaced, and what must be true of its deliveries at the end. */
import * as ring from '@ringmain/ring';
import {
  BAY_SLOT_WORDS,
  CREDIT_BYTES,
  CreditWord,
  RecordKind,
  RingProducer,
  SlotState,
  creditUnits,
  readCell,
} from '@ringmain/ring';
import { checkDeliveries, must } from './delivery-rules.ts';
import type { Delivery, RecordShape } from './delivery-rules.ts';
import type { MirrorGroup, MirrorLane, MirrorParts } from './mirror-consumer.ts';
import { MirrorConsumer, superviseDeath } from './mirror-consumer.ts';
import { Lifetime, lives, plainAtomics } from './mortal-memory.ts';
import { isIntact, pattern } from './ring-memory.ts';

/** What a scenario is made of. */
export interface ScenarioOptions {
  readonly records: readonly RecordShape[];
  /** For each group: tells whether a delivery's handler returns a promise. */
  readonly groups: readonly ((id: number, attempt: number) => boolean)[];
  readonly slots?: number;
  readonly chunks?: number;
  readonly laneBytes?: number;
  readonly position?: number;
  /** Where counters start; by default just below the carry into their high word. */
  readonly counters?: number;
  /** Called in a handler; a throw of `Death` is a poisonous event. */
  readonly onHandle?: (group: number, id: number, lifetime: Lifetime) => void;
}

const THREAD = 0;
const CELLS = 200;
const LINKS = 256;
const CREDIT = 128;
const LINK_WORDS = CREDIT + CREDIT_BYTES / 4;
const ROOM_WANTED = 5;
const PRODUCER_BELL = 100;
const SHARE = 1000;

/** One scenario, from the first record to the last generation. */
export class DeliveryScenario {
  readonly log: Delivery[] = [];
  kills = 0;

  private readonly options: ScenarioOptions;
  private readonly control: Int32Array;
  private readonly slots: Int32Array;
  private readonly bodies: Int32Array;
  private readonly lanes: readonly MirrorLane[];
  private readonly counters: number;
  private duplicatesMax = 0;

  constructor(options: ScenarioOptions) {
    this.options = options;
    this.counters = options.counters ?? 0xffff_fffe;
    const laneCount = Math.max(...options.records.map(({ lane }) => lane)) + 1;
    this.control = new Int32Array(LINKS + laneCount * LINK_WORDS);
    this.slots = new Int32Array((options.slots ?? 8) * BAY_SLOT_WORDS);
    this.bodies = new Int32Array((options.chunks ?? 8) * 16);
    this.lanes = Array.from({ length: laneCount }, (_, lane) => this.lane(lane));
    for (const [group] of options.groups.entries()) {
      this.control[this.cell(group, 0)] = this.counters | 0;
      this.control[this.cell(group, 1)] = this.counters | 0;
    }
    this.publish();
  }

  /** Runs one generation until all is settled or it dies after a number of acts; returns the acts, or undefined when it died. */
  live(actsMax = Number.POSITIVE_INFINITY, settleAt = 0): number | undefined {
    const lifetime = new Lifetime(actsMax);
    const parts = this.parts(lifetime);
    const survived = lives(() => {
      const consumer = new MirrorConsumer(parts);
      for (;;) {
        const drained = consumer.drain();
        if (consumer.settle(Math.min(settleAt, Math.max(0, consumer.running.length - 1)))) continue;
        if (!drained) throw new Error('stalled with no delivery in flight: nothing will ever wake this thread');
        if (!consumer.hasWork()) return;
      }
    });
    if (survived) return lifetime.spent;
    this.kills++;
    this.duplicatesMax += 1 + this.liveSlots();
    superviseDeath(this.parts(new Lifetime()));
    return undefined;
  }

  /** Checks everything that must hold once a generation lived to the end. */
  check(): void {
    const { records, groups } = this.options;
    const counted = groups.map((_, group) => this.counted(group));
    checkDeliveries({ records, log: this.log, counted, deaths: this.kills, duplicatesMax: this.duplicatesMax });
    for (let base = 0; base < this.slots.length; base += BAY_SLOT_WORDS)
      must(this.slots[base] === SlotState.free, `slot at ${base} is taken`);
    for (const { headIndex, tailIndex } of this.lanes)
      must(this.control[headIndex] === this.control[tailIndex], 'a lane is not empty');
    for (const [lane, { credit }] of this.lanes.entries()) {
      const due = records.filter((record) => record.lane === lane).reduce((sum, { bytes }) => sum + creditUnits(bytes), 0);
      for (const [group] of groups.entries()) {
        const returned = this.control[credit + CreditWord.returned + group];
        must(returned === due, `group ${group} returned ${returned} of ${due} units to lane ${lane}`);
      }
    }
  }

  /** Deliveries and dead letters that a group counted. */
  counted(group: number): { readonly delivered: number; readonly deadLettered: number } {
    return {
      delivered: readCell(this.control, this.cell(group, 0)) - this.counters,
      deadLettered: readCell(this.control, this.cell(group, 1)) - this.counters,
    };
  }

  private liveSlots(): number {
    let live = 0;
    for (let base = 0; base < this.slots.length; base += BAY_SLOT_WORDS) {
      const state = this.slots[base];
      if (state === SlotState.waiting || state === SlotState.running) live++;
    }
    return live;
  }

  private parts(lifetime: Lifetime): MirrorParts {
    const control = lifetime.words(this.control);
    const groups: MirrorGroup[] = this.options.groups.map((isAsync, group) => ({
      isAsync,
      delivered: this.cell(group, 0),
      deadLettered: this.cell(group, 1),
    }));
    return {
      ring,
      atomics: plainAtomics,
      control,
      thread: THREAD,
      lanes: this.lanes.map((lane) => ({ ...lane, control })),
      slots: lifetime.words(this.slots),
      bodies: lifetime.words(this.bodies),
      groups,
      share: SHARE,
      handle: (group, id, attempt, words, index) => {
        lifetime.act();
        const { key = 0, bytes = 0 } = this.options.records[id] ?? {};
        must(words[index + 1] === key && isIntact(words, index + 2, id, bytes - 8), `record ${id} is torn`);
        this.log.push({ group, id, attempt });
        this.options.onHandle?.(group, id, lifetime);
      },
    };
  }

  private publish(): void {
    const producers = this.lanes.map((lane) => new RingProducer(plainAtomics, lane));
    for (const [id, { lane, key, bytes }] of this.options.records.entries()) {
      const producer = producers[lane];
      const words = this.lanes[lane];
      if (producer === undefined || words === undefined) throw new Error(`no lane ${lane}`);
      const offset = producer.claim(bytes);
      if (offset < 0) throw new Error('the scenario does not fit its lanes');
      const base = offset >> 2;
      words.data[base] = id;
      words.data[base + 1] = key;
      for (let word = 0; word < (bytes - 5) >> 2; word++) words.data[base + 2 + word] = pattern(id, word);
      producer.seal(RecordKind.event, bytes);
      producer.commit();
    }
  }

  private lane(lane: number): MirrorLane {
    const base = LINKS + lane * LINK_WORDS;
    const position = this.options.position ?? 0;
    for (const word of [0, 32, 64]) this.control[base + word] = position;
    return {
      control: this.control,
      tailIndex: base,
      headIndex: base + 32,
      progressIndex: base + 64,
      data: new Int32Array((this.options.laneBytes ?? 512) / 4),
      roomWanted: base + ROOM_WANTED,
      producerBell: PRODUCER_BELL,
      credit: base + CREDIT,
    };
  }

  private cell(group: number, which: number): number {
    return CELLS + group * 4 + which * 2;
  }
}
