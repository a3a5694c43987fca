/**
 * Three typed views over the same bytes, through which headers and payloads are written and read in place.
 * Thread: any; the views carry no state. Who may touch which bytes is decided by the ring or bay that handed them out.
 * Invariant: `i32`, `u8` and `f64` start at the same byte and cover the same bytes; offsets are relative to that origin.
 */
import { RingmainError } from '@ringmain/core';

/** Views of one region of memory. A byte offset becomes `i32[offset >> 2]`, `u8[offset]` and `f64[offset >> 3]`. */
export interface RecordViews {
  readonly i32: Int32Array;
  readonly u8: Buffer;
  readonly f64: Float64Array;
}

/**
 * The copy routines behind `Buffer.write` and `Buffer.toString`, without their dispatch on the encoding's name. They are on every
 * `Buffer` of Node 20 to 26 and work on shared memory, but the type definitions leave them out; a unit test asserts that they exist.
 */
export interface TextBuffer extends Buffer {
  latin1Write(text: string, offset: number, bytes: number): number;
  utf8Write(text: string, offset: number, bytes: number): number;
  ucs2Write(text: string, offset: number, bytes: number): number;
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
}

/** The bytes of views as {@link TextBuffer}. */
export function textBuffer(views: RecordViews): TextBuffer {
  return views.u8 as TextBuffer;
}

/**
 * Opens the three views over a region of memory.
 *
 * @remarks Allocates the views; call it once per region, never per record.
 * @param buffer - shared or private memory
 * @param byteOffset - origin of the region, a multiple of 8
 * @param bytes - length of the region, a multiple of 8
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for a region that is misaligned or reaches beyond the buffer
 */
export function recordViews(
  buffer: SharedArrayBuffer | ArrayBuffer,
  byteOffset = 0,
  bytes: number = buffer.byteLength - byteOffset,
): RecordViews {
  const aligned = Number.isSafeInteger(byteOffset) && Number.isSafeInteger(bytes) && ((byteOffset | bytes) & 7) === 0;
  if (!aligned || byteOffset < 0 || bytes < 0 || byteOffset + bytes > buffer.byteLength) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `views of ${bytes} bytes at ${byteOffset}`, {
      allowed: `multiples of 8 within the ${buffer.byteLength} bytes of the buffer`,
      details: { byteOffset, bytes, bufferBytes: buffer.byteLength },
    });
  }
  return {
    i32: new Int32Array(buffer, byteOffset, bytes >> 2),
    u8: Buffer.from(buffer as ArrayBuffer, byteOffset, bytes),
    f64: new Float64Array(buffer, byteOffset, bytes >> 3),
  };
}

/**
 * What a lazy view looks at once its delivery has settled: every access throws `RINGMAIN_EVENT_RELEASED`.
 * Swapping the reference costs one store, while a check on every field read would be paid by every handler.
 */
export const RELEASED_VIEWS: RecordViews = Object.freeze({
  get i32(): Int32Array {
    throw released();
  },
  get u8(): Buffer {
    throw released();
  },
  get f64(): Float64Array {
    throw released();
  },
});

function released(): RingmainError {
  return new RingmainError('RINGMAIN_EVENT_RELEASED', 'event data was read after its delivery had settled', {
    allowed: 'reading during the handler; keep a copy with event.decode() or toCloudEvent()',
  });
}
