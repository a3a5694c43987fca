/**
 * Payloads as JSON text in UTF-8.
 * Thread: any; one codec per thread, since `measure` keeps the text for `encode`.
 * Algorithm: 1. `measure` stringifies once and counts the bytes, 2. `encode` copies the kept text: as many bytes as characters means ASCII,
 * which the faster Latin-1 copy writes, 3. `decode` parses the slice.
 * Invariant: the bytes are what `Buffer.from(JSON.stringify(data))` holds; lone surrogates are escaped by `JSON.stringify` itself.
 */
import { RingmainError, describeValue, isRingmainError } from '@ringmain/core';
import { CODEC_JSON, createCodec, rebaseNothing, releaseNothing } from './payload-codec.ts';
import type { PayloadCodec } from './payload-codec.ts';
import { textBuffer } from './record-views.ts';
import type { RecordViews } from './record-views.ts';

/**
 * Creates the JSON codec of one thread.
 *
 * @remarks What JSON cannot say is treated as `JSON.stringify` does: `NaN` and infinities become null, `undefined` members are left out.
 * The last text stays referenced until the next `measure`.
 */
export function createJsonCodec(): PayloadCodec {
  let text = '';
  let textBytes = 0;

  return createCodec<unknown>({
    name: 'json',
    id: CODEC_JSON,
    contentType: 'application/json',
    measure(data) {
      // User code (`toJSON`, getters) may publish in turn, so the kept text is set only after it ran.
      const fresh = stringify(data);
      text = fresh;
      textBytes = Buffer.byteLength(fresh, 'utf8');
      return textBytes;
    },
    encode(_data, views, offset) {
      const u8 = textBuffer(views);
      if (textBytes === text.length) return u8.latin1Write(text, offset, textBytes);
      return u8.utf8Write(text, offset, textBytes);
    },
    decode: parse,
    view: parse,
    rebase: rebaseNothing,
    release: releaseNothing,
  });
}

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
