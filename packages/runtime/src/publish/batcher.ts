/**
 * Gathers events and publishes them as batches: one commit per lane and one wake per thread, whatever the number of events.
 *
 * Thread: the publisher's.
 * 1. `add` encodes the event at once, so that what is invalid is refused there, and what is changed later changes nothing.
 * 2. The batch is published when it has `maxEvents` events, when `maxBytes` would be passed, or `maxDelayMs` after its first event.
 * 3. What is refused stays, in order, and is tried again: with each further `add` or `flush`, and when what refused is over. A batch for which there is
 *    no room as a whole goes in parts, so that groups with little credit get what they can take. One that is larger than the rate limit ever lets
 *    through at once goes in parts of that size.
 * Invariant: an event of which `add` said `accepted: true` is published, or waits here; it leaves in no other way. Waiting events never exceed
 * `maxEvents` and `maxBytes`, or are a single one.
 */
import type { PublishOutcome } from '@ringmain/core';
import { LIMITS, RingmainError, describeValue, priorityLevel } from '@ringmain/core';
import { FRAME_BYTES } from '@ringmain/ring';
import { checkNames } from '../check-names.ts';
import { PUBLISH_NAMES, checkPublishOptions } from './check-options.ts';
import type { EncodedEvent } from './event-batches.ts';
import type { PublishOptions } from './options.ts';

/** When a batch is published, and what its events have in common. */
export interface BatcherOptions extends PublishOptions {
  /** Events of a full batch, from 1 to 10000. @defaultValue 100 */
  readonly maxEvents?: number;
  /**
   * Bytes of a full batch, as its records stand in a lane; never more than a quarter of the smallest lane. An event that is larger is published
   * alone. @defaultValue 65536
   */
  readonly maxBytes?: number;
  /** Milliseconds that an event waits at most for others, from 1. @defaultValue 100 */
  readonly maxDelayMs?: number;
}

/** The event waits in the batch. Whatever becomes of the batch, the event is not handed back any more. */
export interface Gathered {
  readonly status: 'gathered';
  readonly accepted: true;
  /** Why the batch, which is full, could not be published yet. It is tried again; the next `add` may be rejected. */
  readonly refused?: PublishOutcome;
}

/**
 * The answer to one `add`. `gathered`: the event waits for others. `accepted`, `partial`: it was the last one of a batch, which was published.
 * `rejected`: the batch before it is full and could not be published; this event was not taken, and the caller still owns it.
 */
export type AddOutcome = Gathered | PublishOutcome;

/** Gathers events of one type and publishes them as batches. Made by `runtime.batcher`. */
export interface Batcher<Data = unknown> {
  /** Events that wait. */
  readonly size: number;
  /**
   * Adds an event to the batch, and publishes the batch if that fills it.
   *
   * @param options - of this event; they go before those of the batcher
   * @returns see {@link AddOutcome}; `accepted` is false only if this event was not taken
   * @throws {@link RingmainError} what `publish` throws for this event, or `RINGMAIN_CLOSED`; the event was not taken then, and the others stay
   */
  add(data: Data, options?: PublishOptions): AddOutcome;
  /**
   * Publishes what waits, now.
   *
   * @returns undefined if nothing waited; `rejected` if some of it still waits, see {@link Batcher.size}: it stays and is tried again
   * @throws {@link RingmainError} `RINGMAIN_CLOSED` when the runtime has closed or failed; everything stays
   */
  flush(): PublishOutcome | undefined;
  /**
   * Publishes what waits and takes nothing more. What is refused goes on being tried until it is published or the runtime has closed.
   *
   * @returns what {@link Batcher.flush} returns
   */
  close(): PublishOutcome | undefined;
}

/** What a batcher publishes with. */
export interface BatchSink<Data> {
  /** Throws for what could never be accepted. */
  readonly encode: (data: Data, options: PublishOptions) => EncodedEvent;
  /** All or nothing. */
  readonly publish: (events: readonly EncodedEvent[]) => PublishOutcome;
  /** Most bytes of a batch that surely fits into empty lanes. */
  readonly bytesMax: number;
  /** Most events that may ever be published at once. */
  readonly eventsMax: number;
  /** Resolves when what refused is over, as far as is known; at once if it is. Never rejects. */
  readonly ready: () => Promise<void>;
  /** Called when a closed batcher has nothing left. */
  readonly ended: () => void;
}

/** Events of a full batch, unless the batcher says otherwise. */
export const BATCH_EVENTS = 100;

const GATHERED: Gathered = Object.freeze({ status: 'gathered', accepted: true });
const OWN_OPTIONS = ['maxEvents', 'maxBytes', 'maxDelayMs'] as const;
const OPTION_NAMES: ReadonlySet<string> = new Set([...PUBLISH_NAMES, ...OWN_OPTIONS]);
const BYTES_MAX = 2 ** 31 - 1;
/** Longest delay of a timer. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** The batcher of one event type. */
export class EventBatcher<Data> implements Batcher<Data> {
  private readonly sink: BatchSink<Data>;
  private readonly common: PublishOptions;
  private readonly eventsMax: number;
  private readonly bytesMax: number;
  private readonly delayMs: number;
  private events: EncodedEvent[] = [];
  private bytes = 0;
  /** Events of the next publish; fewer than a batch while there is little room. */
  private part: number;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private isWaiting = false;
  private isStopped = false;

  constructor(sink: BatchSink<Data>, options: BatcherOptions) {
    checkNames('options', options, OPTION_NAMES);
    const { maxEvents = BATCH_EVENTS, maxBytes = 65_536, maxDelayMs = 100, ...common } = options;
    if (common.priority !== undefined) priorityLevel(common.priority);
    this.sink = sink;
    this.common = common;
    this.eventsMax = integer('maxEvents', maxEvents, LIMITS.batchEventsMax);
    this.bytesMax = Math.min(integer('maxBytes', maxBytes, BYTES_MAX), sink.bytesMax);
    this.delayMs = integer('maxDelayMs', maxDelayMs, DELAY_MS_MAX);
    this.part = this.partMax;
  }

  /** Most events of one publish: a larger one would be refused for ever. */
  private get partMax(): number {
    return Math.min(this.eventsMax, this.sink.eventsMax);
  }

  get size(): number {
    return this.events.length;
  }

  add(data: Data, options?: PublishOptions): AddOutcome {
    if (this.closed) throw new RingmainError('RINGMAIN_CLOSED', 'add after close', { allowed: 'adding until close() is called' });
    if (options !== undefined) checkPublishOptions(options);
    const event = this.sink.encode(data, options === undefined ? this.common : { ...this.common, ...options });
    const bytes = recordBytes(event);
    if (!this.hasRoomFor(bytes)) {
      const outcome = this.publish();
      if (!this.hasRoomFor(bytes)) return outcome;
    }
    this.events.push(event);
    this.bytes += bytes;
    if (this.events.length < this.eventsMax && this.bytes < this.bytesMax) {
      this.arm(this.delayMs);
      return GATHERED;
    }
    const outcome = this.publish();
    return outcome.accepted ? outcome : { ...GATHERED, refused: outcome };
  }

  flush(): PublishOutcome | undefined {
    return this.events.length === 0 ? undefined : this.publish();
  }

  close(): PublishOutcome | undefined {
    this.closed = true;
    const outcome = this.flush();
    if (this.events.length === 0) this.sink.ended();
    return outcome;
  }

  /** Tries no more. */
  stop(): void {
    this.closed = true;
    this.isStopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private hasRoomFor(bytes: number): boolean {
    if (this.events.length === 0) return true;
    return this.events.length < this.eventsMax && this.bytes + bytes <= this.bytesMax;
  }

  /** Publishes as much as there is room for; something waits. */
  private publish(): PublishOutcome {
    let published: PublishOutcome | undefined;
    for (;;) {
      const part = this.part < this.events.length ? this.events.slice(0, this.part) : this.events;
      const outcome = this.sink.publish(part);
      if (outcome.accepted) {
        this.leave(part);
        published = merge(published, outcome);
        this.part = Math.min(this.partMax, this.part * 2);
        if (this.events.length === 0) return published;
      } else if (part.length === 1) {
        this.part = 1;
        void this.retry();
        return outcome;
      } else this.part = part.length >> 1;
    }
  }

  /** Takes published events out. */
  private leave(part: readonly EncodedEvent[]): void {
    this.events = this.events.slice(part.length);
    for (const event of part) this.bytes -= recordBytes(event);
    if (this.events.length > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Tries again once what refused is over. */
  private async retry(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isWaiting) return;
    this.isWaiting = true;
    await this.sink.ready();
    this.isWaiting = false;
    this.due();
  }

  private arm(delayMs: number): void {
    if (!this.isWaiting) this.timer ??= setTimeout(this.due, delayMs).unref();
  }

  private readonly due = (): void => {
    this.timer = undefined;
    if (this.isStopped) return;
    try {
      this.flush();
    } catch {
      // The runtime has ended: everything stays, and whoever asks next is told why.
      return;
    }
    if (this.closed && this.events.length === 0) this.sink.ended();
  };
}

function recordBytes({ body }: EncodedEvent): number {
  return FRAME_BYTES + ((body.length + 7) & ~7);
}

/** Groups that were left out in any part of a batch were left out of the batch. */
function merge(before: PublishOutcome | undefined, outcome: PublishOutcome): PublishOutcome {
  if (before?.status !== 'partial') return outcome;
  if (outcome.status !== 'partial') return before;
  return { ...outcome, skipped: [...new Set([...before.skipped, ...outcome.skipped])] };
}

function integer(name: (typeof OWN_OPTIONS)[number], value: unknown, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${describeValue(value)}`, {
    allowed: `an integer from 1 to ${max}`,
  });
}
