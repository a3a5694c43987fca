/**
 * Encodes an event into memory of its own, the way it will stand in a lane.
 * Thread: the publisher's. The scratch memory is a ring like any other, whose record is read out and rolled back at once.
 */
import { recordViews } from '@ringmain/codec';
import type { EventAttributes, PriorityLevel } from '@ringmain/core';
import { FRAME_BYTES, RingProducer } from '@ringmain/ring';
import type { EventType } from '../../events/event-type.ts';
import type { ThreadContext } from '../../thread-context.ts';
import type { RecordTarget, RecordWriter } from '../record-writer.ts';

const RECORDS = 4;

/** Encodes events for the stage. */
export class EventCopy {
  private readonly context: ThreadContext;
  private readonly writer: RecordWriter;
  private scratch: RecordTarget | undefined;

  constructor(context: ThreadContext, writer: RecordWriter) {
    this.context = context;
    this.writer = writer;
  }

  /**
   * Encodes.
   *
   * @throws {@link RingmainError} what a publish throws for a payload that could never be accepted
   */
  encode(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): Buffer {
    const scratch = (this.scratch ??= this.open());
    this.writer.write(scratch, type, data, priority, hash, flags, attributes);
    const bytes = scratch.views.i32[0] as number;
    const body = Buffer.from(scratch.views.u8.subarray(FRAME_BYTES, FRAME_BYTES + bytes));
    scratch.ring.rollback();
    return body;
  }

  private open(): RecordTarget {
    const bytes = 2 ** Math.ceil(Math.log2(this.context.seed.config.recordBytesMax * RECORDS));
    const memory = new SharedArrayBuffer(bytes);
    const control = new Int32Array(new SharedArrayBuffer(12));
    const words = { control, tailIndex: 0, headIndex: 1, progressIndex: 2, data: new Int32Array(memory) };
    return { ring: new RingProducer(this.context.atomics, words), views: recordViews(memory, 0, bytes) };
  }
}
