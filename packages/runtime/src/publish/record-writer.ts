/**
 * Writes event records into lanes: claims room, encodes the payload in place, stamps sequence and time. Nothing becomes visible here.
 * Thread: the publisher's.
 */
import {
  FLAG_HAS_EXTENSION,
  HEADER_BYTES,
  HEADER_SKIP_WORD,
  measureExtension,
  packFlags,
  timeHiOf,
  timeLoOf,
  writeExtension,
  writeHeader,
} from '@ringmain/codec';
import type { EventAttributes } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import { StampInterval } from '@ringmain/policy';
import { NO_ROOM, RecordKind, ThreadWord, creditUnits } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { OutLane } from './out-link.ts';

/** A point in the sequence to return to. */
export interface SequenceMark {
  readonly low: number;
  readonly high: number;
}

/** What a record is written into: a lane, or memory of the same shape. */
export type RecordTarget = Pick<OutLane, 'ring' | 'views'>;

/** Writes the records of one publisher. */
export class RecordWriter {
  private readonly context: ThreadContext;
  private readonly recordBytesMax: number;
  private readonly stamps = new StampInterval();
  private stampsLeft = 0;
  private stampLow = 0;
  private stampHigh = 0;
  private low: number;
  private high: number;
  /** What the last record costs, in units of credit. */
  units = 0;
  /** Word of the last record's header. */
  private word = 0;
  /** Called when the coordinator changed the thread's rung of the degradation ladder; looked for with each reading of the clock. */
  onRung: (() => void) | undefined;
  private readonly rungIndex: number;
  private rung = 0;
  /** Called after publishes that read the clock, once none is under way. */
  onTurn: (() => void) | undefined;
  private readonly turnOver = (): void => {
    this.stampsLeft = 0;
    this.onTurn?.();
  };

  /** @param first - sequence of the first record */
  constructor(context: ThreadContext, first: SequenceMark) {
    this.context = context;
    this.rungIndex = ((context.seed.plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.rung;
    this.recordBytesMax = context.seed.config.recordBytesMax;
    this.low = first.low;
    this.high = first.high;
  }

  /** The sequence that the next event carries. */
  mark(): SequenceMark {
    return { low: this.low, high: this.high };
  }

  /** Returns to a mark: what was written since is rolled back by the caller. */
  rewind(mark: SequenceMark): void {
    this.low = mark.low;
    this.high = mark.high;
    this.stampsLeft = 0;
  }

  /** The next event gets the next sequence, and its share of the last reading of the clock: all records of one event carry one time. */
  advance(): void {
    if (this.stampsLeft > 0) this.stampsLeft--;
    this.low = (this.low + 1) | 0;
    if (this.low === 0) this.high = (this.high + 1) | 0;
  }

  get sequenceLow(): number {
    return this.low;
  }

  get sequenceHigh(): number {
    return this.high;
  }

  /** Refuses what could never be written, without writing it. */
  check(type: EventType, data: unknown, attributes: EventAttributes | undefined): void {
    const extensionBytes = attributes === undefined ? 0 : measureExtension(attributes);
    const bytes = HEADER_BYTES + extensionBytes + type.codec.measure(data);
    if (bytes > this.recordBytesMax) throw tooLarge(type, bytes, this.recordBytesMax);
  }

  /**
   * Claims, encodes and seals one record. Nothing is visible yet.
   *
   * @remarks One function on purpose, too large for V8 to inline it into its caller (460 bytes of bytecode): as a unit of its own it has room
   * for everything that it calls, which made a publish 15 ns faster.
   * @returns false when the lane has no room
   */
  write(
    lane: RecordTarget,
    type: EventType,
    data: unknown,
    priority: number,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): boolean {
    const { codec } = type;
    const { ring, views } = lane;
    // The codec is measured last: it keeps what it measured, and attributes may run user code that publishes in between.
    const extensionBytes = attributes === undefined ? 0 : measureExtension(attributes);
    const bytes = HEADER_BYTES + extensionBytes + (type.constantBytes || codec.measure(data));
    if (bytes > this.recordBytesMax) throw tooLarge(type, bytes, this.recordBytesMax);
    const offset = ring.claim(bytes);
    if (offset === NO_ROOM) return false;
    let dataBytes: number;
    try {
      if (attributes !== undefined) writeExtension(attributes, views, offset + HEADER_BYTES, extensionBytes);
      dataBytes = codec.encode(data, views, offset + HEADER_BYTES + extensionBytes);
    } catch (error) {
      ring.abort();
      throw error;
    }
    // After all that may fail: a reading that no event used would grow old.
    if (this.stampsLeft === 0) {
      const now = runtimeUs(this.context);
      this.stampLow = timeLoOf(now);
      this.stampHigh = timeHiOf(now);
      this.stampsLeft = this.stamps.read(now);
      const rung = this.context.control[this.rungIndex] as number;
      if (rung !== this.rung) {
        this.rung = rung;
        this.onRung?.();
      }
      // A stamp never outlives the turn of the event loop in which it was read.
      if (this.stampsLeft > 1) queueMicrotask(this.turnOver);
    }
    writeHeader(
      views.i32,
      offset >> 2,
      type.id,
      packFlags(extensionBytes === 0 ? flags : flags | FLAG_HAS_EXTENSION, codec.id, priority),
      hash,
      this.low,
      this.high,
      this.stampLow,
      this.stampHigh,
      extensionBytes,
      dataBytes,
    );
    const bodyBytes = HEADER_BYTES + extensionBytes + dataBytes;
    ring.seal(RecordKind.event, bodyBytes);
    this.units = creditUnits(bodyBytes);
    this.word = offset >> 2;
    return true;
  }

  /**
   * Has the consumer leave steps of the last record out.
   *
   * @param skip - the steps, as a bit mask
   */
  leaveOut(lane: RecordTarget, skip: number): void {
    lane.views.i32[this.word + HEADER_SKIP_WORD] = skip;
  }

  /**
   * Copies a record that was written before.
   *
   * @returns false when the lane has no room
   */
  copy(lane: RecordTarget, body: Buffer): boolean {
    const offset = lane.ring.claim(body.length);
    if (offset === NO_ROOM) return false;
    lane.views.u8.set(body, offset);
    this.word = offset >> 2;
    lane.ring.seal(RecordKind.event, body.length);
    this.units = creditUnits(body.length);
    return true;
  }
}

function tooLarge(type: EventType, bytes: number, bytesMax: number): RingmainError {
  return new RingmainError('RINGMAIN_PAYLOAD_TOO_LARGE', `a record of ${type.name} needs up to ${bytes} bytes`, {
    allowed: `at most ${bytesMax} bytes (recordBytesMax)`,
    details: { type: type.name, bytes, bytesMax },
  });
}
