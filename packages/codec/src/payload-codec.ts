/**
 * The interface of payload codecs: how an event's data becomes bytes in a ring and data again.
 * Thread: any; a codec belongs to one thread (it may keep scratch state between `measure` and `encode`).
 * Protocol: `measure(data)`, claim that many bytes, `encode(data)` one or more times, commit what it returned, or abort if it threw.
 */
import type { RecordViews } from './record-views.ts';

/** Turns payloads into bytes and back. Built-in ids are below 16; custom codecs take ids from 16 to 255. */
export interface PayloadCodec<T = unknown> {
  /** `struct`, `json`, `bytes` or the name of a custom codec. */
  readonly name: string;
  /** Stands in every record: 1 struct, 2 json, 3 bytes, 16 and above custom. */
  readonly id: number;
  /** Media type, for envelopes that leave the process. */
  readonly contentType: string;
  /** Bytes of a payload where all of them take the same, so that nobody needs to `measure`; 0 or absent where they differ. */
  readonly constantBytes?: number;
  /**
   * Upper bound in bytes for `data`, valid for the directly following `encode` of the same data.
   *
   * @throws RingmainError `RINGMAIN_PAYLOAD_INVALID`
   */
  measure(data: T): number;
  /**
   * Writes `data` at `offset` (a multiple of 8, with room for what `measure` answered) and returns the bytes written.
   *
   * @throws RingmainError `RINGMAIN_PAYLOAD_INVALID`; the claim is then aborted, so bytes already written mean nothing
   */
  encode(data: T, views: RecordViews, offset: number): number;
  /**
   * Builds a copy that does not depend on the memory.
   *
   * @throws RingmainError `RINGMAIN_RECORD_CORRUPT` for malformed bytes
   */
  decode(views: RecordViews, offset: number, bytes: number): T;
  /** Builds what `event.data` gives: a lazy view for `struct`, else the decoded value. */
  view(views: RecordViews, offset: number, bytes: number): T;
  /** Moves a lazy view to other memory that holds the same bytes; nothing to do for codecs without lazy views. */
  rebase(view: T, views: RecordViews, offset: number): void;
  /** Detaches a lazy view for ever: later access throws `RINGMAIN_EVENT_RELEASED`. */
  release(view: T): void;
}

/** Id of the struct codec. */
export const CODEC_STRUCT = 1;
/** Id of the JSON codec. */
export const CODEC_JSON = 2;
/** Id of the bytes codec. */
export const CODEC_BYTES = 3;

/**
 * Builds a codec object with one fixed order of properties, so that all codecs share a hidden class and calls such as
 * `codec.encode(…)` in the router stay cheap whatever codecs a runtime mixes.
 */
export function createCodec<T>(parts: PayloadCodec<T>): PayloadCodec<T> & { readonly constantBytes: number } {
  return {
    name: parts.name,
    id: parts.id,
    contentType: parts.contentType,
    constantBytes: parts.constantBytes ?? 0,
    measure: parts.measure,
    encode: parts.encode,
    decode: parts.decode,
    view: parts.view,
    rebase: parts.rebase,
    release: parts.release,
  };
}

/** `rebase` of codecs without lazy views. */
export function rebaseNothing(): void {}

/** `release` of codecs without lazy views. */
export function releaseNothing(): void {}
