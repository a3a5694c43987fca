/**
 * What both ends of the `ringbuf.js` contenders share: the ring's memory and the two sleep flags. The library moves bytes
 * and wakes nobody, so a user has to add these flags; both are Dekker pairs (store the flag, look again, then wait).
 * Thread: any.
 */

/** Passed to the worker as `workerData`. */
export interface RingbufLink {
  readonly format: 'binary' | 'json';
  readonly invoice: boolean;
  readonly ring: SharedArrayBuffer;
  readonly flags: SharedArrayBuffer;
}

/** 1 while the consumer sleeps. */
export const CONSUMER_ASLEEP = 0;
/** 1 while the publisher waits for room; on a cache line of its own. */
export const PUBLISHER_WAITS = 32;
export const FLAG_BYTES = 512;

/** Bytes of ring memory, enough for about 16k orders. */
export const RING_BYTES = 1 << 20;
/** A JSON frame is a 4-byte length and the text. */
export const FRAME_BYTES = 4;
export const FRAME_BYTES_MAX = 1 << 14;
