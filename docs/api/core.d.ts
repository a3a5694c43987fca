// Public types of @ringmain/core. Written by `npm run api`; do not edit.

// ---- @ringmain/core ----

// packages/core/src/clock.ts
export interface Clock {
    monotonicUs(): number;
    wallMs(): number;
    idleUs?(): number;
}
export declare const systemClock: Clock;

// packages/core/src/cloud-event.ts
export declare function toCloudEvent<Data>(event: RingmainEvent<string, Data>): CloudEvent<Data>;
export interface CloudEventPublish<Data = unknown> {
    readonly type: string;
    readonly data: Data;
    readonly options: EventAttributes & {
        priority?: PriorityName;
    };
}
export declare function fromCloudEvent(ce: unknown): CloudEventPublish;

// packages/core/src/describe-value.ts
export declare function describeValue(value: unknown): string;
export interface ErrorDescription {
    readonly type: string;
    readonly message: string;
    readonly stack: string | undefined;
}
export declare function describeError(error: unknown): ErrorDescription;
export declare function errorText(error: unknown): string;

// packages/core/src/errors.ts
export declare const ERROR_CATALOGUE: Readonly<{
    readonly RINGMAIN_CONFIG_INVALID: 'The configuration does not fit its schema.';
    readonly RINGMAIN_RESTART_NEEDED: 'A change of the configuration needs a restart of the runtime.';
    readonly RINGMAIN_LIMIT_EXCEEDED: 'A stated bound of the runtime was reached.';
    readonly RINGMAIN_PRIORITY_INVALID: 'A priority is not one of the four.';
    readonly RINGMAIN_TOPIC_INVALID: 'A topic name breaks the topic grammar.';
    readonly RINGMAIN_PATTERN_INVALID: 'A topic pattern breaks the pattern grammar.';
    readonly RINGMAIN_TOPIC_UNKNOWN: 'The event type was not defined and no open type covers it.';
    readonly RINGMAIN_TOPIC_RESERVED: 'The topic belongs to the runtime.';
    readonly RINGMAIN_DICTIONARY_FULL: 'The topic dictionary of this producer holds no more open types.';
    readonly RINGMAIN_SCHEMA_UNSUPPORTED: 'The schema cannot be compiled by this codec.';
    readonly RINGMAIN_PAYLOAD_INVALID: 'The payload does not fit the schema of its event type.';
    readonly RINGMAIN_PAYLOAD_TOO_LARGE: 'The record is larger than its lane or limit allows.';
    readonly RINGMAIN_KEY_INVALID: 'A partition key is not a string or integer of allowed length.';
    readonly RINGMAIN_OPTION_INVALID: 'An option of this call is not allowed.';
    readonly RINGMAIN_METADATA_INVALID: 'Metadata is not a small record of strings.';
    readonly RINGMAIN_RECORD_CORRUPT: 'Bytes in shared memory do not form a valid record.';
    readonly RINGMAIN_CLAIM_OPEN: 'A record was claimed while another claim of the same ring was still open.';
    readonly RINGMAIN_EVENT_RELEASED: 'An event was used after its delivery had settled.';
    readonly RINGMAIN_EVENTS_MISMATCH: 'Two threads disagree about the event definitions or subscribers.';
    readonly RINGMAIN_SUBSCRIBER_INVALID: 'A subscriber module does not export valid subscribers.';
    readonly RINGMAIN_SUBSCRIBER_LOAD_FAILED: 'A subscriber module could not be loaded.';
    readonly RINGMAIN_QUEUE_FULL: 'There was no room for the event before its deadline.';
    readonly RINGMAIN_DELIVERY_FAILED: 'A handler failed and the delivery ended without success.';
    readonly RINGMAIN_HANDLER_TIMEOUT: 'A handler did not end in time.';
    readonly RINGMAIN_HANDLER_DIED: 'The thread of an isolated handler ended while the handler ran.';
    readonly RINGMAIN_DELIVERY_TIMEOUT: 'The event was not handled before its deadline.';
    readonly RINGMAIN_ABORTED: 'The caller aborted the wait.';
    readonly RINGMAIN_CLOSED: 'The runtime is closing or closed.';
    readonly RINGMAIN_START_FAILED: 'The runtime could not start all of its threads.';
    readonly RINGMAIN_CONTROL_TIMEOUT: 'A thread did not answer a control call in time.';
    readonly RINGMAIN_PEER_EXITED: 'A thread ended while a control call to it was pending.';
    readonly RINGMAIN_SHARD_FAILED: 'A shard ended more often than its restart limit allows.';
    readonly RINGMAIN_GROUP_UNKNOWN: 'No group of this name takes the event.';
    readonly RINGMAIN_RESIZE_ACTIVE: 'Another resize is under way.';
    readonly RINGMAIN_RESIZE_TIMEOUT: 'Partitions did not move in time and stay where they were.';
    readonly RINGMAIN_INPUT_INVALID: 'A line or module given as input could not be read as events.';
}>;
export type RingmainErrorCode = keyof typeof ERROR_CATALOGUE;
export interface RingmainErrorOptions {
    readonly allowed?: string;
    readonly details?: Readonly<Record<string, unknown>>;
    readonly cause?: unknown;
}
export declare class RingmainError extends Error {
    readonly name = "RingmainError";
    readonly code: RingmainErrorCode;
    readonly details: Readonly<Record<string, unknown>>;
    constructor(code: RingmainErrorCode, what: string, options?: RingmainErrorOptions);
}
export declare function isRingmainError(value: unknown, code?: RingmainErrorCode): value is RingmainError;

// packages/core/src/event-id.ts
export interface EventIdParts {
    readonly nonceHi: number;
    readonly nonceLo: number;
    readonly producer: number;
    readonly seqLo: number;
    readonly seqHi: number;
}
export declare function formatEventId(nonceHi: number, nonceLo: number, producer: number, seqLo: number, seqHi: number): string;
export declare function parseEventId(id: unknown): EventIdParts | undefined;

// packages/core/src/event.ts
export interface EventAttributes {
    key?: string;
    subject?: string;
    source?: string;
    correlationId?: string;
    causationId?: string;
    traceparent?: string;
    deadline?: number;
    dedupeKey?: string;
    metadata?: Readonly<Record<string, string>>;
    sampledRate?: number;
    mergedCount?: number;
    redriveOf?: string;
    redrives?: number;
}
export interface RingmainEvent<Type extends string = string, Data = unknown> {
    readonly id: string;
    readonly source: string;
    readonly type: Type;
    readonly version: number;
    readonly time: number;
    readonly priority: PriorityName;
    readonly key: string | undefined;
    readonly sequence: bigint;
    readonly subject: string | undefined;
    readonly correlationId: string | undefined;
    readonly causationId: string | undefined;
    readonly traceparent: string | undefined;
    readonly deadline: number | undefined;
    readonly dedupeKey: string | undefined;
    readonly metadata: Readonly<Record<string, string>>;
    readonly sampledRate: number | undefined;
    readonly mergedCount: number | undefined;
    readonly redriveOf: string | undefined;
    readonly redrives: number | undefined;
    readonly datacontenttype: string;
    readonly attempt: number;
    readonly redelivered: boolean;
    readonly data: Data;
    decode(): Data;
    toCloudEvent(): CloudEvent<Data>;
}
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

// packages/core/src/limits.ts
export declare const LIMITS: Readonly<{
    topicChars: 256;
    topicTokens: 16;
    keyChars: 256;
    metadataEntries: 32;
    metadataBytes: 4096;
    attributeChars: 256;
    typesMax: 1024;
    openTypesMax: 256;
    openTypeIdBase: 4096;
    groupsMax: 64;
    matchesMax: 64;
    shardsMax: 64;
    laneBytesMin: 4096;
    laneBytesMax: number;
    recordBytesMax: number;
    baySlotsMin: 64;
    baySlotsMax: 65536;
    bayChunkBytes: 64;
    stageEventsMax: 65536;
    batchEventsMax: 10000;
    sendsPendingMax: 65536;
    crashesMax: 3;
}>;
export declare const DAY_MS = 86400000;
export declare const LANE_RECORD_DIVISOR = 2;

// packages/core/src/outcome.ts
export interface Accepted {
    readonly status: 'accepted';
    readonly accepted: true;
    readonly targets: number;
}
export interface PartlyAccepted {
    readonly status: 'partial';
    readonly accepted: true;
    readonly targets: number;
    readonly skipped: readonly string[];
}
export interface Pressure {
    readonly priority: string;
    readonly depthBytes: number;
    readonly capacityBytes: number;
    readonly staged: number;
    readonly retryAfterMs: number;
}
export interface Staged extends Pressure {
    readonly status: 'staged';
    readonly accepted: true;
}
export interface Coalesced extends Pressure {
    readonly status: 'coalesced';
    readonly accepted: true;
    readonly merged: number;
}
export interface Sampled extends Pressure {
    readonly status: 'sampled';
    readonly accepted: false;
}
export interface Dropped extends Pressure {
    readonly status: 'dropped';
    readonly accepted: false;
}
export type RejectReason = 'full' | 'credit' | 'staged' | 'moving' | 'rate' | 'throttle' | 'shed' | 'broken';
export interface Rejected extends Pressure {
    readonly status: 'rejected';
    readonly accepted: false;
    readonly reason: RejectReason;
    readonly group?: string;
}
export type SendOutcome = Accepted | PartlyAccepted;
export type PublishOutcome = SendOutcome | Staged | Coalesced | Sampled | Dropped | Rejected;
export declare const TARGETS_MAX = 2;
export declare function acceptedBy(targets: number): Accepted;
export declare function partialTo(targets: number, skipped: readonly string[]): PartlyAccepted;

// packages/core/src/partition-hash.ts
export declare const PARTITION_COUNT = 256;
export declare function fnv1a32(key: string): number;
export declare function fnv1a32Integer(key: number): number;
export declare function partitionOf(hash: number): number;

// packages/core/src/priority.ts
export declare const PRIORITY_COUNT = 4;
export declare const Priority: Readonly<{
    readonly critical: 0;
    readonly high: 1;
    readonly normal: 2;
    readonly low: 3;
}>;
export type PriorityName = keyof typeof Priority;
export type PriorityLevel = (typeof Priority)[PriorityName];
export declare const PRIORITY_NAMES: readonly PriorityName[];
export declare function priorityLevel(value: unknown): PriorityLevel;

// packages/core/src/random.ts
export interface Random {
    next(): number;
    int32(): number;
}
export declare const systemRandom: Random;
export declare function seededRandom(seed: number): Random;

// packages/core/src/settlement-errors.ts
export declare class NonRetryableError extends Error {
    readonly name = "NonRetryableError";
}
export declare class SkipError extends Error {
    readonly name = "SkipError";
}
export declare class RetryAfterError extends Error {
    readonly name = "RetryAfterError";
    readonly delayMs: number;
    constructor(delayMs: number, message?: string, options?: ErrorOptions);
}
export type Settlement = {
    readonly kind: 'never';
} | {
    readonly kind: 'skip';
} | {
    readonly kind: 'after';
    readonly delayMs: number;
};
export declare function settlementOf(error: unknown): Settlement | undefined;

// packages/core/src/topic-pattern.ts
export type PatternDialect = 'prefix' | 'nats';
export interface TopicPattern {
    readonly source: string;
    readonly canonical: string;
    readonly sameInBothDialects: boolean;
    matches(topic: string): boolean;
}
export declare function compilePattern(pattern: unknown, options?: {
    readonly dialect?: PatternDialect;
}): TopicPattern;

// packages/core/src/topic.ts
export interface TopicCheckOptions {
    readonly reserved?: boolean;
}
export declare function isReservedTopic(name: string): boolean;
export declare function checkTopic(name: unknown, options?: TopicCheckOptions): string;

// packages/core/src/typed-pattern.ts
export type PatternText<Pattern extends string> = Pattern extends '*' | '>' ? string : Pattern extends `nats:${infer Rest}` ? PatternText<Rest> : Pattern extends `*.${infer Rest}` ? `${string}.${PatternText<Rest>}` : Pattern extends `${infer Token}.${infer Rest}` ? `${Token}.${PatternText<Rest>}` : Pattern;
export type NamedTypes<Events> = keyof {
    [Type in keyof Events as Partial<Record<Type, unknown>> extends Record<Type, unknown> ? never : Type]: unknown;
};
export type OpenTypes<Events> = keyof {
    [Type in keyof Events as Partial<Record<Type, unknown>> extends Record<Type, unknown> ? Type : never]: unknown;
};
export type Match<Events, Pattern extends string> = MatchNamed<Events, Pattern> | MatchOpen<Events, Pattern>;
type MatchNamed<Events, Pattern extends string> = Extract<NamedTypes<Events>, PatternText<Pattern>>;
type MatchOpen<Events, Pattern extends string> = PatternText<Pattern> extends NamedTypes<Events> ? never : Common<OpenTypes<Events>, PatternText<Pattern>>;
type Common<Template, Text extends string> = Template extends string ? Template extends Text ? Template : Text extends Template ? Text : Meets<Template, Text> extends true ? Template : never : never;
type Meets<One extends string, Other extends string> = string extends One | Other ? true : One extends `${infer OneToken}.${infer OneRest}` ? Other extends `${infer OtherToken}.${infer OtherRest}` ? MeetsToken<OneToken, OtherToken> extends true ? Meets<OneRest, OtherRest> : false : false : Other extends `${string}.${string}` ? false : MeetsToken<One, Other>;
type MeetsToken<One extends string, Other extends string> = One extends Other ? true : Other extends One ? true : false;
export type EventOf<Events, Pattern extends string> = [NamedTypes<Events>, string] extends [never, keyof Events] ? RingmainEvent<string, Events[keyof Events]> :
EventOfType<Events, MatchNamed<Events, Pattern>> | EventOfType<Events, MatchOpen<Events, Pattern>>;
type EventOfType<Events, Type> = Type extends keyof Events & string ? RingmainEvent<Type, Events[Type]> : never;
export type Ok<Events, Pattern extends string> = [Match<Events, Pattern>] extends [never] ? {
    error: 'pattern matches no known type';
    pattern: Pattern;
} : Pattern;
