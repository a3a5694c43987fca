/**
 * Event ids: UUIDs of version 8, composed of what a record holds anyway, so that an id costs nothing until someone reads it.
 * Thread: any.
 *
 * ```
 *  bits  48 nonce of the runtime │ 4 version (8) │ 12 producer │ 2 variant (10) │ 62 sequence of the producer
 * ```
 * Invariant: ids of one runtime differ as long as producers and their sequences do; runtimes differ by a random nonce.
 * Source: RFC 9562, section 5.8.
 */

/** The parts of an event id; words are signed 32-bit integers as they stand in shared memory. */
export interface EventIdParts {
  /** Upper 16 bits of the nonce. */
  readonly nonceHi: number;
  /** Lower 32 bits of the nonce. */
  readonly nonceLo: number;
  /** Producer number, 0 to 4095. */
  readonly producer: number;
  /** Lower 32 bits of the sequence. */
  readonly seqLo: number;
  /** Upper 30 bits of the sequence. */
  readonly seqHi: number;
}

/**
 * Formats an id.
 *
 * @remarks Higher bits than a part has are ignored, so random 32-bit words serve as nonce.
 * @param nonceHi - upper 16 bits of the runtime's nonce
 * @param nonceLo - lower 32 bits of the runtime's nonce
 * @param producer - producer number, 0 to 4095
 * @param seqLo - lower 32 bits of the sequence
 * @param seqHi - upper 30 bits of the sequence
 */
export function formatEventId(nonceHi: number, nonceLo: number, producer: number, seqLo: number, seqHi: number): string {
  const upperNonce = byteHex(nonceHi >>> 8) + byteHex(nonceHi) + byteHex(nonceLo >>> 24) + byteHex(nonceLo >>> 16);
  const lowerNonce = byteHex(nonceLo >>> 8) + byteHex(nonceLo);
  const version = byteHex(0x80 | ((producer >>> 8) & 0x0f)) + byteHex(producer);
  const variant = byteHex(0x80 | ((seqHi >>> 24) & 0x3f)) + byteHex(seqHi >>> 16);
  const upperTail = byteHex(seqHi >>> 8) + byteHex(seqHi);
  const lowerTail = byteHex(seqLo >>> 24) + byteHex(seqLo >>> 16) + byteHex(seqLo >>> 8) + byteHex(seqLo);
  return `${upperNonce}-${lowerNonce}-${version}-${variant}-${upperTail}${lowerTail}`;
}

/** Two digits per byte; handlers that publish read an id per event, and `toString(16)` costs five times as much. */
const BYTE_HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function byteHex(value: number): string {
  return BYTE_HEX[value & 0xff] as string;
}

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Takes an id apart; undefined for text that {@link formatEventId} cannot have written. */
export function parseEventId(id: unknown): EventIdParts | undefined {
  if (typeof id !== 'string' || !FORM.test(id)) return undefined;
  const digits = id.replaceAll('-', '');
  const word = (from: number, to: number): number => Number.parseInt(digits.slice(from, to), 16) | 0;
  return {
    nonceHi: word(0, 4),
    nonceLo: word(4, 12),
    producer: word(13, 16),
    seqLo: word(24, 32),
    seqHi: word(16, 24) & 0x3fff_ffff,
  };
}
