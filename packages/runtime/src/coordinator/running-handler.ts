/**
 * Finds out, from shared words alone, which synchronous handler a shard is in: the recovery words name the record and the step, the record names
 * its type, and the subscriptions say whose step it is.
 * Thread: the coordinator. The words are plain and move while they are read: what is said is worth something only if it is found twice.
 */
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { LIMITS } from '@ringmain/core';
import {
  DICTIONARY_BYTES,
  LinkWord,
  RecordKind,
  ThreadWord,
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
  /** Start of the stretch of deliveries that it belongs to, in microseconds of the runtime; it began then or later. */
  readonly stretchUs: number;
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

  constructor(context: ThreadContext, words: ControlWords, groups: readonly GroupDescription[]) {
    const { plan, memory } = context.seed;
    this.context = context;
    this.words = words;
    this.routes = new RouteTable(groups, []);
    this.dictionaries = plan.threads.map(
      ({ dictionary }) => new DictionaryReader(recordViews(memory.control, dictionary, DICTIONARY_BYTES), 0, DICTIONARY_BYTES),
    );
  }

  /** The handler that a thread is in, if it is in one. */
  of(thread: number, nowUs: number): RunningHandler | undefined {
    const { words } = this;
    const stepWord = words.read(thread, ThreadWord.ledgerStep);
    const lane = words.read(thread, ThreadWord.ledgerLane);
    const position = words.read(thread, ThreadWord.ledgerPosition);
    const runs = (stepWord & 3) === STEP_RUNNING && words.read(thread, ThreadWord.ledgerSolo) === 0;
    if (!runs || this.progress(thread, lane) !== position) return undefined;
    const ranUs = ((nowUs | 0) - words.read(thread, ThreadWord.ledgerStartedUs)) | 0;
    return { lane, position, step: stepWord >> 2, stretchUs: nowUs - Math.max(0, ranUs) };
  }

  /** Names a handler that a thread is in. */
  name(thread: number, { lane, position, step }: RunningHandler): HandlerName {
    const producer = laneProducer(lane);
    const { plan, memory } = this.context.seed;
    const region = laneRegion(plan, producer, thread, lanePriority(lane));
    const buffer = memory.outboxes[producer];
    if (buffer === undefined || region.bytes === 0) return { type: null, group: null };
    const data = new Int32Array(buffer, region.offset, region.bytes >> 2);
    const index = (position & (data.length / 2 - 1)) << 1;
    const kind = data[index + 1];
    const type = this.typeName(producer, data[index + FRAME_WORDS] as number);
    // Once the lane has passed the record, its place may hold another one.
    if (kind !== RecordKind.event || type === null || this.progress(thread, lane) !== position)
      return { type: null, group: null };
    return { type, group: this.routes.routeOf(type).targets[step]?.name ?? null };
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
