/**
 * Payloads as JSON text in UTF-8.
 * Thread: any; one codec per thread, since `measure` keeps the text for `encode`.
 * Algorithm: 1. `measure` writes the text once: a payload of the expected shape by generated code into the thread's scratch memory, any other by
 * `JSON.stringify`, 2. `encode` copies it: as many bytes as characters means ASCII, which the faster Latin-1 copy writes, 3. `decode` reads what the generated code wrote in place, and parses anything else.
 * Invariant: the bytes parse to what `JSON.stringify(data)` parses to, and without a schema they are its bytes; lone surrogates are escaped by
 * `JSON.stringify` itself.
 */
import { RingmainError, describeValue, isRingmainError } from '@ringmain/core';
import type { core } from 'zod';
import { CODEC_JSON, createCodec, rebaseNothing, releaseNothing } from '../payload-codec.ts';
import type { PayloadCodec } from '../payload-codec.ts';
import { textBuffer } from '../record-views.ts';
import type { RecordViews } from '../record-views.ts';
import { compileReader } from './generate-reader.ts';
import { compileWriter } from './generate-writer.ts';
import { jsonShape } from './json-shape.ts';
import { NOT_WRITTEN, scratchBytes, scratchWords } from './json-text.ts';

/** A writer is in the middle of a payload: a getter published in turn, and may not use the scratch. Per thread. */
let writing = false;

/**
 * Creates the JSON codec of one thread, or of one event type of it.
 *
 * @remarks What JSON cannot say is treated as `JSON.stringify` does: `NaN` and infinities become null, `undefined` members are left out.
 * The last text stays referenced until the next `measure`.
 * @param schema - what payloads usually look like; they are written faster then. Others are written as well: a schema refuses nothing here.
 */
export function createJsonCodec(schema?: core.$ZodType): PayloadCodec {
  const shape = schema === undefined ? undefined : jsonShape(schema);
  const write = shape === undefined ? undefined : compileWriter(shape);
  const read = shape === undefined ? undefined : compileReader(shape);
  let text = '';
  let bytes = 0;
  let inScratch = false;

  function measureText(data: unknown): number {
    // User code (`toJSON`, getters) may publish in turn, so what `encode` needs is set only after it ran.
    const fresh = stringify(data);
    text = fresh;
    inScratch = false;
    bytes = Buffer.byteLength(fresh, 'utf8');
    return bytes;
  }

  function measureShape(data: unknown): number {
    if (write === undefined || writing) return measureText(data);
    let written: number = NOT_WRITTEN;
    writing = true;
    try {
      written = write(data);
    } catch {
      // The general way meets the same trouble and names it.
    } finally {
      writing = false;
    }
    if (written === NOT_WRITTEN) return measureText(data);
    inScratch = true;
    bytes = written;
    return written;
  }

  function readOrParse(views: RecordViews, offset: number, payloadBytes: number): unknown {
    const u8 = textBuffer(views);
    const end = offset + payloadBytes;
    if (read === undefined || !(offset >= 0 && end <= u8.length)) return parse(views, offset, payloadBytes);
    return read(u8, offset, end) ?? parse(views, offset, payloadBytes);
  }

  return createCodec<unknown>({
    name: 'json',
    id: CODEC_JSON,
    contentType: 'application/json',
    measure: write === undefined ? measureText : measureShape,
    encode(_data, views, offset) {
      if (inScratch) return copyScratch(views, offset, bytes);
      const u8 = textBuffer(views);
      if (bytes === text.length) return u8.latin1Write(text, offset, bytes);
      return u8.utf8Write(text, offset, bytes);
    },
    decode: read === undefined ? parse : readOrParse,
    view: read === undefined ? parse : readOrParse,
    rebase: rebaseNothing,
    release: releaseNothing,
  });
}

/** Copies by words, and the last bytes one by one. */
function copyScratch(views: RecordViews, offset: number, bytes: number): number {
  if (bytes > WORD_COPY_BYTES) {
    views.u8.set(scratchBytes.subarray(0, bytes), offset);
    return bytes;
  }
  const { i32, u8 } = views;
  const first = offset >> 2;
  for (let index = 0; index < bytes >> 2; index++) i32[first + index] = scratchWords[index] as number;
  for (let index = bytes & ~3; index < bytes; index++) u8[offset + index] = scratchBytes[index] as number;
  return bytes;
}

/** Up to this size a loop over words beats the call into the platform. */
const WORD_COPY_BYTES = 256;

function stringify(data: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(data) as string | undefined;
  } catch (cause) {
    if (isRingmainError(cause)) throw cause;
    throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload is ${describeValue(data)} that JSON.stringify refused`, {
      allowed: ALLOWED,
      cause,
    });
  }
  if (typeof text === 'string') return text;
  throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload is ${describeValue(data)}, which has no JSON text`, {
    allowed: ALLOWED,
  });
}

const ALLOWED = 'JSON values without cycles, bigints or bare functions';

function parse(views: RecordViews, offset: number, bytes: number): unknown {
  const u8 = textBuffer(views);
  if (!(bytes > 0 && offset >= 0 && offset + bytes <= u8.length)) throw corrupt(bytes);
  try {
    return JSON.parse(u8.utf8Slice(offset, offset + bytes));
  } catch (cause) {
    throw corrupt(bytes, cause);
  }
}

function corrupt(bytes: number, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_RECORD_CORRUPT', `${bytes} bytes are no JSON payload`, { details: { bytes }, cause });
}
