/**
 * Payloads that are bytes already: any `Uint8Array`, `Buffer` included.
 * Thread: any; one codec per thread, since `measure` keeps the length for `encode`.
 * Invariant: what a handler gets is a copy, so nothing in it changes when the ring reuses the record.
 */
import { RingmainError, describeValue } from '@ringmain/core';
import { types } from 'node:util';
import { CODEC_BYTES, createCodec, rebaseNothing, releaseNothing } from './payload-codec.ts';
import type { PayloadCodec } from './payload-codec.ts';
import type { RecordViews } from './record-views.ts';

/** Creates the bytes codec of one thread. @remarks `decode` and `view` give a plain `Uint8Array` of its own memory. */
export function createBytesCodec(): PayloadCodec<Uint8Array> {
  let measured = 0;

  return createCodec<Uint8Array>({
    name: 'bytes',
    id: CODEC_BYTES,
    contentType: 'application/octet-stream',
    measure(data) {
      if (!types.isUint8Array(data)) {
        throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload is ${describeValue(data)}`, { allowed: 'a Uint8Array' });
      }
      measured = lengthOf(data);
      return measured;
    },
    encode(data, views, offset) {
      // Memory that grows while it is published must not write beyond the claim.
      if (lengthOf(data) !== measured) {
        throw new RingmainError(
          'RINGMAIN_PAYLOAD_INVALID',
          `payload changed from ${measured} to ${lengthOf(data)} bytes while it was published`,
        );
      }
      views.u8.set(data, offset);
      return measured;
    },
    decode: copy,
    view: copy,
    rebase: rebaseNothing,
    release: releaseNothing,
  });
}

/** The length the platform knows, whatever a subclass or an own property pretends. */
// The getter is inherited by every typed array, so the descriptor and its getter exist.
const intrinsicLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!;

function lengthOf(data: Uint8Array): number {
  return intrinsicLength.call(data) as number;
}

function copy(views: RecordViews, offset: number, bytes: number): Uint8Array {
  const u8 = views.u8;
  if (!(bytes >= 0 && offset >= 0 && offset + bytes <= u8.length)) {
    throw new RingmainError('RINGMAIN_RECORD_CORRUPT', `${bytes} payload bytes at ${offset} of ${u8.length}`, {
      details: { bytes, offset },
    });
  }
  const data = new Uint8Array(bytes);
  data.set(u8.subarray(offset, offset + bytes));
  return data;
}
