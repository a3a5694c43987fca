/**
 * Finds out, from shared words alone, which synchronous handler a shard is in: the recovery words name the record and the step, or the slot of the bay;
 * the record names its type, and the subscriptions say whose step it is.
 * Thread: the coordinator. The words are plain and move while they are read: what is said is worth something only if it is found twice.
 */
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { LIMITS } from '@ringmain/core';
import {
  DICTIONARY_BYTES,
  LinkWord,
  RecordKind,
  BAY_SLOT_WORDS,
  SlotWord,
  ThreadWord,
  bayWords,
  lanePriority,
  laneProducer,
  laneRegion,
  linkIndex,
} from '@ringmain/ring';
import { RouteTable } from '../publish/route-table.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { ControlWords } from './control-words.ts';

/** `phase` of a ledger step that runs; see `DeliveryLedger`. */
const STEP_RUNNING = 1;
/** Words of a frame in front of a record's header, whose first word is the type. */
const FRAME_WORDS = 2;

/** A handler that runs. */
export interface RunningHandler {
  readonly lane: number;
  readonly position: number;
  readonly step: number;
  /** Slot of the bay that it handles, of a batch the first; -1 when it reads the record in its lane. */
  readonly slot: number;
  /** What tells two calls out of the bay apart; see `ThreadWord.runCount`. 0 for a record in its lane. */
  readonly run: number;
  /** Start of the stretch of deliveries that it belongs to, in microseconds of the runtime; it began then or later. */
  readonly stretchUs: number;
}

/** True when two looks found the same call of a handler, as far as its words can tell. */
export function isSameHandler(one: RunningHandler, other: RunningHandler | undefined): boolean {
  return one.position === other?.position && one.lane === other.lane && one.step === other.step && one.run === other.run;
}

/** Whose handler it is. */
export interface HandlerName {
  readonly type: string | null;
  readonly group: string | null;
}

/** The running handlers of one runtime. */
export class RunningHandlers {
  private readonly context: ThreadContext;
  private readonly words: ControlWords;
  private readonly routes: RouteTable;
  private readonly dictionaries: readonly DictionaryReader[];
  /** By thread. */
  private readonly bays: readonly ReturnType<typeof bayWords>[];

  constructor(context: ThreadContext, words: ControlWords, groups: readonly GroupDescription[]) {
    const { plan, memory } = context.seed;
    this.context = context;
    this.words = words;
    this.routes = new RouteTable(groups, []);
    this.dictionaries = plan.threads.map(
      ({ dictionary }) => new DictionaryReader(recordViews(memory.control, dictionary, DICTIONARY_BYTES), 0, DICTIONARY_BYTES),
    );
    this.bays = plan.threads.map((_, thread) => bayWords(plan, memory, thread));
  }

  /** The handler that a thread is in, if it is in one. */
  of(thread: number, nowUs: number): RunningHandler | undefined {
    const { words } = this;
    const slot = words.read(thread, ThreadWord.runSlot) - 1;
    if (slot >= 0) return this.inBay(thread, slot, nowUs);
    const stepWord = words.read(thread, ThreadWord.ledgerStep);
    const lane = words.read(thread, ThreadWord.ledgerLane);
    const position = words.read(thread, ThreadWord.ledgerPosition);
    const runs = (stepWord & 3) === STEP_RUNNING && words.read(thread, ThreadWord.ledgerSolo) === 0;
    if (!runs || this.progress(thread, lane) !== position) return undefined;
    const stretchUs = this.startOf(thread, ThreadWord.ledgerStartedUs, nowUs);
    return { lane, position, step: stepWord >> 2, slot: -1, run: 0, stretchUs };
  }

  /** Names a handler that a thread is in. */
  name(thread: number, handler: RunningHandler): HandlerName {
    const type = handler.slot >= 0 ? this.typeInBay(thread, handler) : this.typeInLane(thread, handler);
    if (type === null) return { type: null, group: null };
    return { type, group: this.routes.routeOf(type).targets[handler.step]?.name ?? null };
  }

  private inBay(thread: number, slot: number, nowUs: number): RunningHandler {
    const run = this.words.read(thread, ThreadWord.runCount);
    const stretchUs = this.startOf(thread, ThreadWord.runStartedUs, nowUs);
    const word = (which: number): number => this.bays[thread]?.slots[slot * BAY_SLOT_WORDS + which] ?? 0;
    return { lane: word(SlotWord.lane), position: word(SlotWord.position), step: word(SlotWord.step), slot, run, stretchUs };
  }

  private startOf(thread: number, word: number, nowUs: number): number {
    const ranUs = ((nowUs | 0) - this.words.read(thread, word)) | 0;
    return nowUs - Math.max(0, ranUs);
  }

  private typeInBay(thread: number, { lane, slot, run }: RunningHandler): string | null {
    const bay = this.bays[thread];
    const chunk = bay?.slots[slot * BAY_SLOT_WORDS + SlotWord.bodyChunk] ?? 0;
    const type = this.typeName(laneProducer(lane), bay?.bodies[(chunk * LIMITS.bayChunkBytes) >> 2] ?? 0);
    // Once the handler has returned, its slot may hold another delivery.
    const isStill = this.words.read(thread, ThreadWord.runSlot) === slot + 1;
    return isStill && this.words.read(thread, ThreadWord.runCount) === run ? type : null;
  }

  private typeInLane(thread: number, { lane, position }: RunningHandler): string | null {
    const producer = laneProducer(lane);
    const { plan, memory } = this.context.seed;
    const region = laneRegion(plan, producer, thread, lanePriority(lane));
    const buffer = memory.outboxes[producer];
    if (buffer === undefined || region.bytes === 0) return null;
    const data = new Int32Array(buffer, region.offset, region.bytes >> 2);
    const index = (position & (data.length / 2 - 1)) << 1;
    const kind = data[index + 1];
    const type = this.typeName(producer, data[index + FRAME_WORDS] as number);
    // Once the lane has passed the record, its place may hold another one.
    return kind === RecordKind.event && this.progress(thread, lane) === position ? type : null;
  }

  private typeName(producer: number, id: number): string | null {
    if (id < LIMITS.openTypeIdBase) return this.context.seed.types[id] ?? null;
    try {
      return this.dictionaries[producer]?.name(id) ?? null;
    } catch {
      // The record was overwritten while it was read.
      return null;
    }
  }

  private progress(thread: number, lane: number): number {
    const { plan } = this.context.seed;
    return this.words.readAt(linkIndex(plan, laneProducer(lane), thread) + LinkWord.progress + lanePriority(lane));
  }
}
