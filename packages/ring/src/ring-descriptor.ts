/**
 * Layout of one ring's data: frames of 8 bytes in front of records, 8-byte aligned, contiguous.
 *
 * ```
 *   position p (unit = 8 bytes)          next record: p + 1 + ceil(length / 8)
 *   ├── length: int32 ──┼── kind: int32 ──┼── body, `length` bytes ──┼─ up to 7 bytes unused ─┤
 *   └────────────── frame (8 bytes) ──────┘
 *
 *   wrap:  … | last record | padding frame, length reaches the end |   ← next record starts at unit 0
 * ```
 *
 * Positions are 32-bit counts of 8-byte units that wrap; compare them by `(a - b) | 0`, index by `& mask`, never by `<` or `%`.
 * Thread: any.
 */

/** Bytes of a frame; also the unit of positions. */
export const FRAME_BYTES = 8;

/** Kinds of record. 0 is never written, so that untouched memory is not mistaken for a record. */
export const RecordKind = {
  event: 1,
  padding: 2,
  /** A consumer's answer to a `send(until: 'handled')`. */
  ack: 3,
  /** Reserved for epochs, fences and credit-sync. */
  control: 4,
  /** A dead letter on its way to the main thread. */
  letter: 5,
} as const;

/** Units that a record of `bodyBytes` takes, its frame included. */
export function unitsFor(bodyBytes: number): number {
  return (bodyBytes + FRAME_BYTES + 7) >>> 3;
}
