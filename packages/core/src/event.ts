/**
 * The envelope as handlers see it: CloudEvents 1.0 names, every field decoded from the record when it is read.
 */
import type { PriorityName } from './priority.ts';

/** Optional envelope fields; together they form the extension block of a record, absent when none is used. */
export interface EventAttributes {
  /** Partition key when it was given by the publisher and not derived from the data. */
  key?: string;
  subject?: string;
  source?: string;
  correlationId?: string;
  /** Id of the event whose handler published this one. */
  causationId?: string;
  /** W3C trace context, 55 characters. */
  traceparent?: string;
  /** Wall-clock milliseconds after which the event is of no use. */
  deadline?: number;
  /** The same for an event and its repeats, and no other event of its source; without a key it stands for that. */
  dedupeKey?: string;
  metadata?: Readonly<Record<string, string>>;
  /** Events that this one stands for after sampling, itself included: an integer from 1. */
  sampledRate?: number;
  /** Events that were merged into this one because nobody had room for them, itself included: an integer from 1. */
  mergedCount?: number;
  /** Id of the event whose dead letter was published again as this one. Set by the runtime. */
  redriveOf?: string;
  /** How often it was published again: an integer from 1. Set by the runtime. */
  redrives?: number;
}

/**
 * An event during one delivery.
 *
 * @remarks Valid until the delivery settles (the handler returned, or its promise settled); later access throws
 * `RINGMAIN_EVENT_RELEASED`, except for `type`, `version`, `attempt` and `redelivered`. Keep data beyond that with {@link RingmainEvent.decode} or `toCloudEvent()`.
 */
export interface RingmainEvent<Type extends string = string, Data = unknown> {
  readonly id: string;
  readonly source: string;
  readonly type: Type;
  /** Schema version of the type, from 1. */
  readonly version: number;
  /** Publish time, wall-clock milliseconds, coarse (stamped every few dozen publishes or each turn). */
  readonly time: number;
  readonly priority: PriorityName;
  readonly key: string | undefined;
  /** Position in the publishing thread's own sequence. */
  readonly sequence: bigint;
  readonly subject: string | undefined;
  readonly correlationId: string | undefined;
  readonly causationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly deadline: number | undefined;
  /** What the publisher named so that repeats can be recognised, by groups with `dedupe`. */
  readonly dedupeKey: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** Events that this one stands for after sampling, itself included; undefined when nothing was left out. */
  readonly sampledRate: number | undefined;
  /** Events that were merged into this one, itself included; undefined when none were. */
  readonly mergedCount: number | undefined;
  /** Id of the event whose dead letter was published again as this one; undefined for every other event. */
  readonly redriveOf: string | undefined;
  /** How often this event was published again; undefined when it never was. */
  readonly redrives: number | undefined;
  /** Media type of the payload as its codec writes it. */
  readonly datacontenttype: string;
  /** Deliveries of this event to this group, this one included; 1 the first time. */
  readonly attempt: number;
  /** True when an earlier delivery may have run: the thread died before it settled. */
  readonly redelivered: boolean;
  /** The payload: a lazy view for `struct`, a decoded value for other codecs. */
  readonly data: Data;
  /** A plain copy of the payload that stays valid after the delivery. */
  decode(): Data;
  /** A plain CloudEvents 1.0 object that stays valid after the delivery; also what `JSON.stringify` and loggers make of the event. */
  toCloudEvent(): CloudEvent<Data>;
}

/** A CloudEvents 1.0 object in its JSON form. Source: https://github.com/cloudevents/spec, version 1.0.2. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly datacontenttype: string;
  readonly dataschema?: string;
  readonly subject?: string;
  readonly priority: number;
  readonly partitionkey?: string;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly traceparent?: string;
  readonly sequence: string;
  readonly expirytime?: string;
  readonly metadata?: string;
  readonly sampledrate?: number;
  readonly mergedcount?: number;
  readonly redriveof?: string;
  readonly redrives?: number;
  readonly data: Data;
}
