/**
 * The open event types of one producer: a bounded, append-only list of names in shared memory.
 * Thread: `DictionaryWriter` on the producer that owns the region, `DictionaryReader` on any thread that consumes its records.
 *
 * ```
 *  word 0   word 1                      word 2
 *  ┌───────┬──────────────────────────┬─────────────────────┬─────────────────────┬───
 *  │ count │ bytes of entries so far  │ length │ name, pad. │ length │ name, pad. │ …
 *  └───────┴──────────────────────────┴─────────────────────┴─────────────────────┴───
 *  type id = LIMITS.openTypeIdBase + position in the list
 * ```
 * Ordering: all accesses are plain. A name is written before the first record that uses its id, and that record becomes visible by the atomic
 * store of its lane's tail; whoever read the tail therefore sees the entry. Within one entry the count is stored last, so what a producer that died
 * half-way left behind is outside the list, and its successor overwrites it.
 * Bound: LIMITS.openTypesMax names, and the bytes of the region.
 */
import { LIMITS, RingmainError, describeValue } from '@ringmain/core';
import { textBuffer } from './record-views.ts';
import type { RecordViews } from './record-views.ts';

const COUNT_WORD = 0;
const USED_WORD = 1;
const HEADER_BYTES = 8;

/** Bytes of a region that holds `names` topics of the greatest length. */
export function dictionaryBytes(names: number = LIMITS.openTypesMax): number {
  return HEADER_BYTES + names * (8 + LIMITS.topicChars);
}

/** Gives open topics their ids. */
export class DictionaryWriter {
  readonly #views: RecordViews;
  readonly #offset: number;
  readonly #bytes: number;
  readonly #ids = new Map<string, number>();
  #used = 0;

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
    this.#used = readEntries(views, byteOffset, bytes, 0, 0, (name) => this.#ids.set(name, LIMITS.openTypeIdBase + this.#ids.size));
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
    const start = HEADER_BYTES + this.#used;
    const entryBytes = 4 + ((name.length + 3) & ~3);
    if (position >= LIMITS.openTypesMax || start + entryBytes > this.#bytes) {
      throw new RingmainError('RINGMAIN_DICTIONARY_FULL', `topic ${describeValue(name)} would be open type ${position + 1} of this producer`, {
        allowed: `${LIMITS.openTypesMax} names in ${this.#bytes} bytes`,
        details: { name, names: position, bytes: this.#bytes },
      });
    }
    const { i32 } = this.#views;
    const at = this.#offset + start;
    i32[at >> 2] = name.length;
    // Topic names are ASCII, so bytes and characters are the same number.
    textBuffer(this.#views).latin1Write(name, at + 4, name.length);
    this.#used += entryBytes;
    i32[(this.#offset >> 2) + USED_WORD] = this.#used;
    i32[(this.#offset >> 2) + COUNT_WORD] = position + 1;
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
  #used = 0;

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
    if (!(position in this.#names)) {
      this.#used = readEntries(this.#views, this.#offset, this.#bytes, this.#names.length, this.#used, (name) => this.#names.push(name));
    }
    const name = this.#names[position];
    if (name !== undefined) return name;
    throw new RingmainError('RINGMAIN_RECORD_CORRUPT', `open type ${typeId} where ${this.#names.length} are known`, { details: { typeId } });
  }
}

/** Reads the entries behind the first `known` ones, which take `used` bytes; returns the bytes of all entries. */
function readEntries(views: RecordViews, offset: number, bytes: number, known: number, used: number, add: (name: string) => void): number {
  const { i32 } = views;
  const count = i32[(offset >> 2) + COUNT_WORD] as number;
  if (count < known || count > LIMITS.openTypesMax) throw corrupt(`${count} names`);
  let end = HEADER_BYTES + used;
  for (let position = known; position < count; position++) {
    const length = end + 4 <= bytes ? (i32[(offset + end) >> 2] as number) : -1;
    const next = end + 4 + ((length + 3) & ~3);
    if (length <= 0 || length > LIMITS.topicChars || next > bytes) throw corrupt(`a name of ${length} characters at ${end}`);
    add(textBuffer(views).latin1Slice(offset + end + 4, offset + end + 4 + length));
    end = next;
  }
  return end - HEADER_BYTES;
}

function corrupt(what: string): RingmainError {
  return new RingmainError('RINGMAIN_RECORD_CORRUPT', `topic dictionary holds ${what}`);
}
