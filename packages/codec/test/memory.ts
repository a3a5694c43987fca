/** Shared memory with a pattern around the payload, so that a write outside its claim is seen. */
import { isRingmainError } from '@ringmain/core';
import { recordViews } from '@ringmain/codec';
import type { PayloadCodec, RecordViews } from '@ringmain/codec';

const CANARY = 0xab;

export interface Written {
  readonly views: RecordViews;
  readonly offset: number;
  readonly bytes: number;
}

/** Fresh views over `bytes` bytes of shared memory. */
export function memory(bytes: number): RecordViews {
  const views = recordViews(new SharedArrayBuffer((bytes + 7) & ~7));
  views.u8.fill(CANARY);
  return views;
}

/** Encodes into memory of its own and checks that nothing outside the measured bytes changed. */
export function write<T>(codec: PayloadCodec<T>, data: T, offset = 64): Written {
  const measured = codec.measure(data);
  const views = memory(offset + measured + 64);
  const bytes = codec.encode(data, views, offset);
  if (bytes > measured) throw new Error(`measured ${measured}, wrote ${bytes}`);
  for (const [at, byte] of views.u8.entries()) {
    if ((at < offset || at >= offset + measured) && byte !== CANARY) throw new Error(`byte ${at} outside the claim was written`);
  }
  return { views, offset, bytes };
}

/** What a reader gets for data. */
export function roundTrip<T>(codec: PayloadCodec<T>, data: T): T {
  const { views, offset, bytes } = write(codec, data);
  return codec.decode(views, offset, bytes);
}

/** The code of the error a call throws. */
export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isRingmainError(error)) return error.code;
    throw error;
  }
  return 'nothing thrown';
}
