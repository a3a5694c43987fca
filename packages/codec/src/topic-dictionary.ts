/**
 * The open event types of one producer: a bounded, append-only list of names in shared memory.
 * Thread: `DictionaryWriter` on the producer that owns the region, `DictionaryReader` on any thread that consumes its records.
 *
 * ```
 *  word 0   word 1
 *  ┌───────┬─────────────────────┬─────────────────────┬───
 *  │ count │ length │ name, pad. │ length │ name, pad. │ …
 *  └───────┴─────────────────────┴─────────────────────┴───
 *  type id = LIMITS.openTypeIdBase + position in the list
 * ```
 * Ordering: all accesses are plain. A name is written before the first record that uses its id, and that record becomes visible by the atomic
 * store of its lane's tail; whoever read the tail therefore sees the entry and all before it. Readers look at no other entry and never at the count,
 * which only a successor of the writer reads, after the writer's exit. The count is stored last, so what a writer that died half-way left behind
 * is outside the list and is overwritten.
 * Bound: LIMITS.openTypesMax names, and the bytes of the region.
 */
import { LIMITS, RingmainError, describeValue } from '@ringmain/core';
import { textBuffer } from './record-views.ts';
import type { RecordViews } from './record-views.ts';

const HEADER_BYTES = 4;

/** Bytes of a region that holds `names` topics of the greatest length. */
export function dictionaryBytes(names: number = LIMITS.openTypesMax): number {
  return (HEADER_BYTES + names * (4 + LIMITS.topicChars) + 7) & ~7;
}

/** Gives open topics their ids. */
export class DictionaryWriter {
  readonly #views: RecordViews;
  readonly #offset: number;
  readonly #bytes: number;
  readonly #ids = new Map<string, number>();
  #end = HEADER_BYTES;

  /**
   * Opens a dictionary; a region that already holds one (of a predecessor that died) is continued.
   *
   * @param byteOffset - start of the region, a multiple of 8
   * @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT` when the region holds something else
   */
  constructor(views: RecordViews, byteOffset: number, bytes: number) {
    this.#views = views;
    this.#offset = byteOffset;
    this.#bytes = bytes;
    const count = views.i32[byteOffset >> 2] as number;
    if (count < 0 || count > LIMITS.openTypesMax) throw corrupt(`${count} names`);
    const add = (name: string): unknown => this.#ids.set(name, LIMITS.openTypeIdBase + this.#ids.size);
    this.#end = readEntries(views, byteOffset, bytes, HEADER_BYTES, count, add);
  }

  /** Number of names so far. */
  get size(): number {
    return this.#ids.size;
  }

  /**
   * The id of a topic, appended if it is new. The name must have passed `checkTopic`.
   *
   * @throws {@link RingmainError} `RINGMAIN_DICTIONARY_FULL`
   */
  intern(name: string): number {
    return this.#ids.get(name) ?? this.#append(name);
  }

  #append(name: string): number {
    const position = this.#ids.size;
    const end = this.#end + 4 + ((name.length + 3) & ~3);
    if (position >= LIMITS.openTypesMax || end > this.#bytes) {
      throw new RingmainError(
        'RINGMAIN_DICTIONARY_FULL',
        `topic ${describeValue(name)} would be open type ${position + 1} of this producer`,
        {
          allowed: `${LIMITS.openTypesMax} names in ${this.#bytes} bytes`,
          details: { name, names: position, bytes: this.#bytes },
        },
      );
    }
    const { i32 } = this.#views;
    const at = this.#offset + this.#end;
    i32[at >> 2] = name.length;
    // Topic names are ASCII, so bytes and characters are the same number.
    textBuffer(this.#views).latin1Write(name, at + 4, name.length);
    i32[this.#offset >> 2] = position + 1;
    this.#end = end;
    this.#ids.set(name, LIMITS.openTypeIdBase + position);
    return LIMITS.openTypeIdBase + position;
  }
}

/** Finds the names of open topic ids. @remarks Reads each entry once and keeps the names; at most LIMITS.openTypesMax. */
export class DictionaryReader {
  readonly #views: RecordViews;
  readonly #offset: number;
  readonly #bytes: number;
  readonly #names: string[] = [];
  #end = HEADER_BYTES;

  /** @param byteOffset - start of the region, a multiple of 8 */
  constructor(views: RecordViews, byteOffset: number, bytes: number) {
    this.#views = views;
    this.#offset = byteOffset;
    this.#bytes = bytes;
  }

  /**
   * The name of an id out of a record that this thread has received.
   *
   * @throws {@link RingmainError} `RINGMAIN_RECORD_CORRUPT` for an id the producer never gave
   */
  name(typeId: number): string {
    const position = typeId - LIMITS.openTypeIdBase;
    const known = this.#names[position];
    if (known !== undefined) return known;
    if (!(position >= 0 && position < LIMITS.openTypesMax)) throw corrupt(`no open type ${typeId}`);
    const missing = position + 1 - this.#names.length;
    this.#end = readEntries(this.#views, this.#offset, this.#bytes, this.#end, missing, (name) => this.#names.push(name));
    // The entries up to this position were just read, or reading them threw.
    return this.#names[position] as string;
  }
}

/** Reads `count` entries from byte `start` of the region on; returns the byte behind them. */
function readEntries(
  views: RecordViews,
  offset: number,
  bytes: number,
  start: number,
  count: number,
  add: (name: string) => void,
): number {
  const names: string[] = [];
  let end = start;
  for (let entry = 0; entry < count; entry++) {
    const length = end + 4 <= bytes ? (views.i32[(offset + end) >> 2] as number) : 0;
    const next = end + 4 + ((length + 3) & ~3);
    if (length <= 0 || length > LIMITS.topicChars || next > bytes) throw corrupt(`a name of ${length} characters at ${end}`);
    names.push(textBuffer(views).latin1Slice(offset + end + 4, offset + end + 4 + length));
    end = next;
  }
  // Added together, so that an error leaves the caller's list as it was.
  for (const name of names) add(name);
  return end;
}

function corrupt(what: string): RingmainError {
  return new RingmainError('RINGMAIN_RECORD_CORRUPT', `topic dictionary holds ${what}`);
}
