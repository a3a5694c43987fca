/**
 * The header of an event record: ten signed 32-bit words, little endian, behind the frame that the ring owns.
 * Thread: written by the producer before its commit, read by the consumer after it saw the commit; plain accesses only, ordered by the
 * ring's tail.
 *
 * ```
 *  byte  0        4        8                                                                            48
 *        ┌────────┬────────┬────────────────────────────── header, 40 bytes ─────────────────────────────┬───────────┬─────────┐
 *        │ length │  kind  │ w0  w1  w2  w3  w4  w5  w6  w7  w8  w9                                       │ extension │ payload │
 *        └─ frame (ring) ──┴──────────────────────────────────────────────────────────────────────────────┴───────────┴─────────┘
 *  w0 topic id        w1 flags 0..15 | codec id 16..23 | priority 24..25       w2 key hash
 *  w3 sequence, low   w4 sequence, high     w5 publish time, low    w6 publish time, high (unsigned 64-bit microseconds since the epoch)
 *  w7 extension bytes (a multiple of 8)     w8 payload bytes        w9 steps to skip (bit mask), or mark of the one group (`FLAG_ONE_GROUP`)
 * ```
 * Invariant: extension and payload start at multiples of 8; 40 + w7 + w8 never exceeds the length in the frame.
 */
import { RingmainError } from '@ringmain/core';

/** Bytes of the header; a multiple of 8, so that the extension block behind it stays aligned. */
export const HEADER_BYTES = 40;

/** Word offsets from the start of the header. */
export const HEADER_TOPIC_WORD = 0;
export const HEADER_FLAGS_WORD = 1;
export const HEADER_KEY_HASH_WORD = 2;
export const HEADER_SEQUENCE_LO_WORD = 3;
export const HEADER_SEQUENCE_HI_WORD = 4;
export const HEADER_TIME_LO_WORD = 5;
export const HEADER_TIME_HI_WORD = 6;
export const HEADER_EXTENSION_BYTES_WORD = 7;
export const HEADER_DATA_BYTES_WORD = 8;
export const HEADER_SKIP_WORD = 9;

/** The event belongs to a key; without this flag the key hash only spreads load. */
export const FLAG_HAS_KEY = 1;
/** The publisher waits for the event to be handled. */
export const FLAG_WANT_ACK = 2;
/** Reserved for flow control: consumers may skip the event under pressure. */
export const FLAG_DROPPABLE = 4;
/** An extension block stands between header and payload. */
export const FLAG_HAS_EXTENSION = 8;
/** Reserved for recovery. */
export const FLAG_REDELIVERED = 16;
/** The event is for one group alone; word 9 holds that group's mark in place of steps to skip. */
export const FLAG_ONE_GROUP = 32;

const CODEC_SHIFT = 16;
const PRIORITY_SHIFT = 24;

/** Joins flags, codec id and priority into word 1. Constant per event type unless options are given: compute it once. */
export function packFlags(flags: number, codecId: number, priority: number): number {
  return flags | (codecId << CODEC_SHIFT) | (priority << PRIORITY_SHIFT);
}

/**
 * Writes a whole header.
 *
 * @remarks Eleven plain stores, no allocation, small enough to be inlined.
 * @param i32 - words of the ring
 * @param word - index of the header's first word
 * @param packedFlags - result of {@link packFlags}
 * @param dataBytes - payload bytes; when they are known only after encoding, write 0 and call {@link writeDataBytes}
 */
export function writeHeader(
  i32: Int32Array,
  word: number,
  topicId: number,
  packedFlags: number,
  keyHash: number,
  sequenceLo: number,
  sequenceHi: number,
  timeLo: number,
  timeHi: number,
  extensionBytes: number,
  dataBytes: number,
): void {
  i32[word] = topicId;
  i32[word + 1] = packedFlags;
  i32[word + 2] = keyHash;
  i32[word + 3] = sequenceLo;
  i32[word + 4] = sequenceHi;
  i32[word + 5] = timeLo;
  i32[word + 6] = timeHi;
  i32[word + 7] = extensionBytes;
  i32[word + 8] = dataBytes;
  i32[word + 9] = 0;
}

/** Sets the payload length of a header whose payload was encoded after the header. */
export function writeDataBytes(i32: Int32Array, word: number, dataBytes: number): void {
  i32[word + HEADER_DATA_BYTES_WORD] = dataBytes;
}

/** The topic id. */
export function readTopicId(i32: Int32Array, word: number): number {
  return i32[word + HEADER_TOPIC_WORD] as number;
}

/** Word 1 as a whole, to test it against `FLAG_…` bits. */
export function readFlags(i32: Int32Array, word: number): number {
  return i32[word + HEADER_FLAGS_WORD] as number;
}

/** The codec id, from 0 to 255. */
export function readCodecId(i32: Int32Array, word: number): number {
  return ((i32[word + HEADER_FLAGS_WORD] as number) >>> CODEC_SHIFT) & 255;
}

/** The priority level, from 0 to 3. */
export function readPriority(i32: Int32Array, word: number): 0 | 1 | 2 | 3 {
  return (((i32[word + HEADER_FLAGS_WORD] as number) >>> PRIORITY_SHIFT) & 3) as 0 | 1 | 2 | 3;
}

/** The hash of the partition key. */
export function readKeyHash(i32: Int32Array, word: number): number {
  return i32[word + HEADER_KEY_HASH_WORD] as number;
}

/** The producer's sequence number. @remarks Allocates a bigint; compare the two words on hot paths. */
export function readSequence(i32: Int32Array, word: number): bigint {
  const low = (i32[word + HEADER_SEQUENCE_LO_WORD] as number) >>> 0;
  const high = (i32[word + HEADER_SEQUENCE_HI_WORD] as number) >>> 0;
  return (BigInt(high) << 32n) | BigInt(low);
}

/** Publish time in microseconds since the runtime's epoch; exact up to 2^53. */
export function readTimeUs(i32: Int32Array, word: number): number {
  const low = (i32[word + HEADER_TIME_LO_WORD] as number) >>> 0;
  const high = (i32[word + HEADER_TIME_HI_WORD] as number) >>> 0;
  return high * 0x1_0000_0000 + low;
}

/** Low word of a time in microseconds. */
export function timeLoOf(timeUs: number): number {
  // ToInt32 takes the value modulo 2^32, also for floats beyond 2^32.
  return timeUs | 0;
}

/** High word of a time in microseconds. */
export function timeHiOf(timeUs: number): number {
  return (timeUs / 0x1_0000_0000) | 0;
}

/** Bytes of the extension block, 0 if there is none. */
export function readExtensionBytes(i32: Int32Array, word: number): number {
  return i32[word + HEADER_EXTENSION_BYTES_WORD] as number;
}

/** Bytes of the payload. */
export function readDataBytes(i32: Int32Array, word: number): number {
  return i32[word + HEADER_DATA_BYTES_WORD] as number;
}

/**
 * Checks the two lengths of a header against the record that holds it.
 *
 * @param recordBytes - length in the frame, the header included
 * @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT`
 */
export function checkHeader(i32: Int32Array, word: number, recordBytes: number): void {
  const extensionBytes = i32[word + HEADER_EXTENSION_BYTES_WORD] as number;
  const dataBytes = i32[word + HEADER_DATA_BYTES_WORD] as number;
  const sound = extensionBytes >= 0 && (extensionBytes & 7) === 0 && dataBytes >= 0;
  if (sound && HEADER_BYTES + extensionBytes + dataBytes <= recordBytes) return;
  throw new RingmainError(
    'RINGMAIN_RECORD_CORRUPT',
    `record of ${recordBytes} bytes claims ${extensionBytes} extension and ${dataBytes} payload bytes`,
    {
      allowed: `a header of ${HEADER_BYTES} bytes and parts that fit behind it`,
      details: { recordBytes, extensionBytes, dataBytes },
    },
  );
}
