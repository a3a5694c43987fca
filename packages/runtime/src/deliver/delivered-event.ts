/**
 * The event a handler gets: a fresh object per delivery over the record in place, every field decoded when it is read.
 * Thread: the consumer's. Valid until the delivery settles; `release` then points it at nothing, and every access throws.
 * What it holds is private to the language too: a handler may freeze the event, and freezing deeply must not reach the runtime.
 */
import type { RecordViews } from '@ringmain/codec';
import {
  HEADER_BYTES,
  RELEASED_VIEWS,
  readDataBytes,
  readExtension,
  readExtensionBytes,
  readKeyHash,
  readPriority,
  readSequence,
  readTimeUs,
} from '@ringmain/codec';
import type { CloudEvent, EventAttributes, PriorityName, RingmainEvent } from '@ringmain/core';
import { PRIORITY_NAMES, formatEventId, isRingmainError, toCloudEvent } from '@ringmain/core';
import type { EventType } from '../events/event-type.ts';
import type { RuntimeSeed } from '../thread-context.ts';

/** `util.inspect.custom`, which needs no import. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;

const NO_ATTRIBUTES: EventAttributes = Object.freeze({});
const NO_METADATA: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

/** What all records of one type from one producer have in common. */
export interface Origin {
  readonly seed: RuntimeSeed;
  /** Thread that published. */
  readonly producer: number;
  readonly type: EventType;
}

/** A record on its way to another thread. */
export interface CopiedRecord {
  /** Header, attributes and payload; a multiple of 8 bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly producer: number;
  readonly type: string;
  readonly attempt: number;
}

/** One delivery's view of a record. */
export class DeliveredEvent implements RingmainEvent {
  readonly attempt: number;

  readonly #origin: Origin;
  #views: RecordViews;
  #offset: number;
  #payload: unknown = undefined;
  #extension: EventAttributes | undefined = undefined;

  /** @param offset - byte offset of the record's header in `views` */
  constructor(origin: Origin, views: RecordViews, offset: number, attempt: number) {
    this.#origin = origin;
    this.#views = views;
    this.#offset = offset;
    this.attempt = attempt;
  }

  get redelivered(): boolean {
    return this.attempt > 1;
  }

  get type(): string {
    return this.#origin.type.name;
  }

  get version(): number {
    return this.#origin.type.version;
  }

  get data(): unknown {
    // The words are read even when the payload is cached, so that a released event always throws.
    const { i32 } = this.#views;
    if (this.#payload === undefined) {
      const dataOffset = this.#offset + HEADER_BYTES + readExtensionBytes(i32, this.#offset >> 2);
      this.#payload = this.#origin.type.codec.view(this.#views, dataOffset, readDataBytes(i32, this.#offset >> 2));
    }
    return this.#payload;
  }

  decode(): unknown {
    const word = this.#offset >> 2;
    const dataOffset = this.#offset + HEADER_BYTES + readExtensionBytes(this.#views.i32, word);
    return this.#origin.type.codec.decode(this.#views, dataOffset, readDataBytes(this.#views.i32, word));
  }

  get id(): string {
    const { i32 } = this.#views;
    const word = this.#offset >> 2;
    const { seed, producer } = this.#origin;
    const { nonceHigh, nonceLow } = seed;
    return formatEventId(nonceHigh, nonceLow, producer, i32[word + 3] as number, i32[word + 4] as number);
  }

  get source(): string {
    return this.attributes().source ?? this.#origin.seed.config.source;
  }

  get time(): number {
    return this.#origin.seed.epochWallMs + readTimeUs(this.#views.i32, this.#offset >> 2) / 1000;
  }

  get priority(): PriorityName {
    return PRIORITY_NAMES[readPriority(this.#views.i32, this.#offset >> 2)] as PriorityName;
  }

  get sequence(): bigint {
    return readSequence(this.#views.i32, this.#offset >> 2);
  }

  get key(): string | undefined {
    const { key } = this.attributes();
    if (key !== undefined || this.#origin.type.key === undefined) return key;
    return String(this.#origin.type.key(this.data));
  }

  get subject(): string | undefined {
    return this.attributes().subject;
  }

  get correlationId(): string | undefined {
    return this.attributes().correlationId;
  }

  get causationId(): string | undefined {
    return this.attributes().causationId;
  }

  get traceparent(): string | undefined {
    return this.attributes().traceparent;
  }

  get deadline(): number | undefined {
    return this.attributes().deadline;
  }

  get dedupeKey(): string | undefined {
    return this.attributes().dedupeKey;
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.attributes().metadata ?? NO_METADATA;
  }

  get sampledRate(): number | undefined {
    return this.attributes().sampledRate;
  }

  get mergedCount(): number | undefined {
    return this.attributes().mergedCount;
  }

  get redriveOf(): string | undefined {
    return this.attributes().redriveOf;
  }

  get redrives(): number | undefined {
    return this.attributes().redrives;
  }

  get datacontenttype(): string {
    return this.#origin.type.codec.contentType;
  }

  toCloudEvent(): CloudEvent {
    return toCloudEvent(this);
  }

  /** What `JSON.stringify` and loggers write: the fields would be the runtime's whole memory. */
  toJSON(): CloudEvent {
    return toCloudEvent(this);
  }

  /** What `console.log` and `util.inspect` print, which must not throw. */
  [INSPECT](): object | string {
    try {
      return toCloudEvent(this);
    } catch (error) {
      return `[${isRingmainError(error) ? error.code : 'unreadable'}]`;
    }
  }

  /** @internal Hash of the partition key. */
  get keyHash(): number {
    return readKeyHash(this.#views.i32, this.#offset >> 2);
  }

  /** @internal Tells the event from its repeats: of two others, one in four thousand million has the same. */
  get ordinal(): number {
    const { i32 } = this.#views;
    const word = this.#offset >> 2;
    return (
      (i32[word + 3] as number) ^ Math.imul(i32[word + 4] as number, 0x85eb_ca6b) ^ Math.imul(this.#origin.producer, 0x9e37_79b1)
    );
  }

  /** @internal Copies the record, for another thread. */
  record(): CopiedRecord {
    const word = this.#offset >> 2;
    const { i32, u8 } = this.#views;
    const size = HEADER_BYTES + readExtensionBytes(i32, word) + readDataBytes(i32, word);
    const bytes = new Uint8Array((size + 7) & ~7);
    bytes.set(u8.subarray(this.#offset, this.#offset + size));
    return { bytes, producer: this.#origin.producer, type: this.type, attempt: this.attempt };
  }

  /** @internal Moves the event to the bay's copy of its record. */
  rebase(views: RecordViews, offset: number): void {
    const extensionBytes = readExtensionBytes(views.i32, offset >> 2);
    if (this.#payload !== undefined) this.#origin.type.codec.rebase(this.#payload, views, offset + HEADER_BYTES + extensionBytes);
    this.#views = views;
    this.#offset = offset;
  }

  /** @internal Detaches the event and its payload view for ever. */
  release(): void {
    if (this.#payload !== undefined) this.#origin.type.codec.release(this.#payload);
    this.#views = RELEASED_VIEWS;
  }

  private attributes(): EventAttributes {
    const { i32 } = this.#views;
    if (this.#extension !== undefined) return this.#extension;
    const bytes = readExtensionBytes(i32, this.#offset >> 2);
    this.#extension = bytes === 0 ? NO_ATTRIBUTES : readExtension(this.#views, this.#offset + HEADER_BYTES, bytes);
    return this.#extension;
  }
}
