// Public types of ringmain. Written by `npm run api`; do not edit.

// ---- ringmain ----
export type {
  Accepted,
  PartlyAccepted,
  CloudEvent,
  EventAttributes,
  EventOf,
  PriorityName,
  PublishOutcome,
  Rejected,
  SendOutcome,
  RingmainErrorCode,
  RingmainEvent,
} from '@ringmain/core';
export { ERROR_CATALOGUE, NonRetryableError, RetryAfterError, RingmainError, SkipError, isRingmainError } from '@ringmain/core';

// packages/runtime/src/breaker-handle.ts
export interface BreakerHandle {
    readonly group: string;
    readonly state: BreakerState;
    readonly metrics: BreakerMetrics;
    isolate(): void;
    forceClosed(): void;
    metricsOnly(): void;
    auto(): void;
}

// packages/runtime/src/breaker-options.ts
export type OnOpen = 'hold' | 'dead-letter' | 'drop' | `fallback:${string}`;
export interface BreakerOptions {
    readonly window?: 'calls' | 'time';
    readonly windowCalls?: number;
    readonly windowMs?: number;
    readonly minimumCalls?: number;
    readonly failureRate?: number;
    readonly slowRate?: number;
    readonly combinedRate?: number;
    readonly slowMs?: number;
    readonly hangAfterMs?: number;
    readonly openMs?: number;
    readonly openMaxMs?: number;
    readonly probes?: number;
    readonly probeMs?: number;
    readonly rampStepMs?: number;
    readonly onOpen?: OnOpen;
}
export interface SubscriberBreakerOptions extends BreakerOptions {
    readonly failureIf?: (error: unknown) => boolean;
}
type Fail = (what: string, allowed: string) => never;

// packages/runtime/src/bulkhead-options.ts
export interface AdaptiveOptions {
    readonly algorithm: 'aimd' | 'gradient';
    readonly min?: number;
    readonly max?: number;
    readonly initial?: number;
    readonly windowMs?: number;
    readonly backoff?: number;
    readonly slowMs?: number;
    readonly tolerance?: number;
    readonly smoothing?: number;
}
export interface BulkheadOptions {
    readonly concurrency?: number;
    readonly globalConcurrency?: number;
    readonly adaptive?: AdaptiveOptions;
    readonly cpuShare?: number;
    readonly queue?: number;
}
type Fail = (what: string, allowed: string) => never;
interface Handled {
    readonly sheds: boolean;
    readonly gathers: boolean;
}

// packages/runtime/src/capacity/capacity-load.ts
export interface CapacityLoadInput {
    readonly ratePerSecond?: number | Partial<Readonly<Record<PriorityName, number>>>;
    readonly payloadBytes?: number;
    readonly handlerUs?: number;
    readonly burstEvents?: number;
    readonly groups?: number;
}
export interface CapacityLoad {
    readonly ratePerSecond: Readonly<Record<PriorityName, number>>;
    readonly payloadBytes: number;
    readonly handlerUs: number;
    readonly burstEvents: number;
    readonly groups: number;
}

// packages/runtime/src/capacity/capacity-report.ts
export interface CapacityMemory {
    readonly lanesBytes: number;
    readonly meshBytes: number;
    readonly bayBytes: number;
    readonly controlBytes: number;
    readonly reservedBytes: number;
}
export interface CapacityEvent {
    readonly recordBytes: number;
    readonly creditUnits: number;
    readonly bayBytes: number;
    readonly payloadBytesMax: number;
}
export interface CapacityBay {
    readonly events: number;
    readonly poolUnits: number;
    readonly shareUnits: number;
}
export interface CapacityLane {
    readonly priority: PriorityName;
    readonly laneEvents: number;
    readonly creditEvents: number;
    readonly limit: 'lane' | 'credit';
    readonly stageEvents: number;
    readonly absorbedEvents: number;
    readonly absorbedOneKeyEvents: number;
    readonly policy: RuntimeConfig['overflow'][PriorityName]['policy'];
    readonly waitMaxUs: number | null;
    readonly backlogWaitUs: number;
}
export interface CapacityPlan {
    readonly shards: number;
    readonly load: CapacityLoad;
    readonly memory: CapacityMemory;
    readonly event: CapacityEvent;
    readonly bay: CapacityBay;
    readonly lanes: readonly CapacityLane[];
    readonly utilisation: number;
    readonly burstDrainSeconds: number | null;
    readonly advice: readonly CapacityAdvice[];
}
export interface CapacityAdvice {
    readonly path: string;
    readonly problem: string;
    readonly advice: string;
}

// packages/runtime/src/capacity/plan-capacity.ts
export declare function planCapacity(config: RuntimeConfig, input?: CapacityLoadInput): CapacityPlan;

// packages/runtime/src/close-signals.ts
export type CloseSignal = (typeof CLOSE_SIGNALS)[number];
export interface SignalOptions {
    readonly on?: readonly CloseSignal[];
    readonly exit?: boolean;
}

// packages/runtime/src/config/config-problem.ts
export interface ConfigProblem {
    readonly path: string;
    readonly keys: readonly PropertyKey[];
    readonly found: string;
    readonly allowed: string;
    readonly nearest?: string;
}

// packages/runtime/src/config/config-reference.ts
export interface JsonSchema {
    readonly type?: string;
    readonly description?: string;
    readonly default?: unknown;
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
    readonly anyOf?: readonly JsonSchema[];
    readonly minimum?: number;
    readonly maximum?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly items?: JsonSchema;
    readonly properties?: Readonly<Record<string, JsonSchema>>;
    readonly additionalProperties?: JsonSchema | false;
    readonly allowed?: string;
}
export interface ConfigKey {
    readonly keys: readonly string[];
    readonly path: string;
    readonly variable: string;
    readonly default: unknown;
    readonly allowed: string;
    readonly description: string;
    readonly schema: JsonSchema;
}
export declare function configJsonSchema(): Record<string, unknown>;
export declare function configKeys(): readonly ConfigKey[];

// packages/runtime/src/config/config-schema.ts
export declare const LOG_LEVELS: readonly ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
export declare const WAIT_STRATEGIES: readonly ["async", "blocking", "spinning"];
export declare const configSchema: z.ZodObject<{
    $schema: z.ZodExactOptional<z.ZodString>;
    shards: z.ZodDefault<z.ZodUnion<readonly [z.ZodInt, z.ZodLiteral<"auto">]>>;
    shardsMax: z.ZodExactOptional<z.ZodInt>;
    lanes: z.ZodPrefault<z.ZodObject<{
        critical: z.ZodPrefault<z.ZodObject<{
            capacityBytes: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        high: z.ZodPrefault<z.ZodObject<{
            capacityBytes: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        normal: z.ZodPrefault<z.ZodObject<{
            capacityBytes: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        low: z.ZodPrefault<z.ZodObject<{
            capacityBytes: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    mesh: z.ZodPrefault<z.ZodObject<{
        capacityBytes: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    bay: z.ZodPrefault<z.ZodObject<{
        slots: z.ZodDefault<z.ZodInt>;
        bytes: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    recordBytesMax: z.ZodDefault<z.ZodInt>;
    overflow: z.ZodPrefault<z.ZodObject<{
        critical: z.ZodPrefault<z.ZodObject<{
            policy: z.ZodDefault<z.ZodEnum<{
                block: "block";
                "circuit-break": "circuit-break";
                coalesce: "coalesce";
                "drop-new": "drop-new";
                "drop-old": "drop-old";
                reject: "reject";
                sample: "sample";
            }>>;
            deadlineMs: z.ZodDefault<z.ZodInt>;
            oneOf: z.ZodDefault<z.ZodInt>;
            failures: z.ZodDefault<z.ZodInt>;
            cooldownMs: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        high: z.ZodPrefault<z.ZodObject<{
            policy: z.ZodDefault<z.ZodEnum<{
                block: "block";
                "circuit-break": "circuit-break";
                coalesce: "coalesce";
                "drop-new": "drop-new";
                "drop-old": "drop-old";
                reject: "reject";
                sample: "sample";
            }>>;
            deadlineMs: z.ZodDefault<z.ZodInt>;
            oneOf: z.ZodDefault<z.ZodInt>;
            failures: z.ZodDefault<z.ZodInt>;
            cooldownMs: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        normal: z.ZodPrefault<z.ZodObject<{
            policy: z.ZodDefault<z.ZodEnum<{
                block: "block";
                "circuit-break": "circuit-break";
                coalesce: "coalesce";
                "drop-new": "drop-new";
                "drop-old": "drop-old";
                reject: "reject";
                sample: "sample";
            }>>;
            deadlineMs: z.ZodDefault<z.ZodInt>;
            oneOf: z.ZodDefault<z.ZodInt>;
            failures: z.ZodDefault<z.ZodInt>;
            cooldownMs: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        low: z.ZodPrefault<z.ZodObject<{
            policy: z.ZodDefault<z.ZodEnum<{
                block: "block";
                "circuit-break": "circuit-break";
                coalesce: "coalesce";
                "drop-new": "drop-new";
                "drop-old": "drop-old";
                reject: "reject";
                sample: "sample";
            }>>;
            deadlineMs: z.ZodDefault<z.ZodInt>;
            oneOf: z.ZodDefault<z.ZodInt>;
            failures: z.ZodDefault<z.ZodInt>;
            cooldownMs: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    stage: z.ZodPrefault<z.ZodObject<{
        events: z.ZodDefault<z.ZodInt>;
        bytes: z.ZodDefault<z.ZodInt>;
        maxWaitMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    publishRate: z.ZodPrefault<z.ZodObject<{
        perSecond: z.ZodExactOptional<z.ZodInt>;
        burst: z.ZodDefault<z.ZodInt>;
        onLimit: z.ZodDefault<z.ZodEnum<{
            queue: "queue";
            reject: "reject";
        }>>;
    }, z.core.$strict>>;
    admission: z.ZodPrefault<z.ZodObject<{
        throttlePerSecond: z.ZodDefault<z.ZodInt>;
        sampleOneOf: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    drainBudgetUs: z.ZodDefault<z.ZodInt>;
    mainDrainBudgetUs: z.ZodDefault<z.ZodInt>;
    wait: z.ZodDefault<z.ZodEnum<{
        async: "async";
        blocking: "blocking";
        spinning: "spinning";
    }>>;
    coordinator: z.ZodPrefault<z.ZodObject<{
        tickMs: z.ZodDefault<z.ZodInt>;
        idleTickMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    restart: z.ZodPrefault<z.ZodObject<{
        maxRestarts: z.ZodDefault<z.ZodInt>;
        withinMs: z.ZodDefault<z.ZodInt>;
        crashesMax: z.ZodDefault<z.ZodInt>;
        backoffInitialMs: z.ZodDefault<z.ZodInt>;
        backoffMaxMs: z.ZodDefault<z.ZodInt>;
        onLimit: z.ZodDefault<z.ZodEnum<{
            fail: "fail";
            reassign: "reassign";
        }>>;
    }, z.core.$strict>>;
    warmSpare: z.ZodDefault<z.ZodBoolean>;
    startTimeoutMs: z.ZodDefault<z.ZodInt>;
    shutdownMs: z.ZodDefault<z.ZodInt>;
    resizeTimeoutMs: z.ZodDefault<z.ZodInt>;
    deliveryTimeoutMs: z.ZodDefault<z.ZodInt>;
    bulkheads: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodObject<{
        concurrency: z.ZodExactOptional<z.ZodInt>;
        globalConcurrency: z.ZodExactOptional<z.ZodInt>;
        adaptive: z.ZodExactOptional<z.ZodObject<{
            algorithm: z.ZodEnum<{
                aimd: "aimd";
                gradient: "gradient";
            }>;
            min: z.ZodExactOptional<z.ZodInt>;
            max: z.ZodExactOptional<z.ZodInt>;
            initial: z.ZodExactOptional<z.ZodInt>;
            windowMs: z.ZodExactOptional<z.ZodInt>;
            backoff: z.ZodExactOptional<z.ZodNumber>;
            slowMs: z.ZodExactOptional<z.ZodInt>;
            tolerance: z.ZodExactOptional<z.ZodNumber>;
            smoothing: z.ZodExactOptional<z.ZodNumber>;
        }, z.core.$strict>>;
        cpuShare: z.ZodExactOptional<z.ZodNumber>;
        queue: z.ZodExactOptional<z.ZodInt>;
    }, z.core.$strict>>>;
    isolation: z.ZodPrefault<z.ZodObject<{
        min: z.ZodDefault<z.ZodInt>;
        max: z.ZodDefault<z.ZodInt>;
        idleTimeoutMs: z.ZodDefault<z.ZodInt>;
        concurrency: z.ZodDefault<z.ZodInt>;
        graceMs: z.ZodDefault<z.ZodInt>;
        resourceLimits: z.ZodExactOptional<z.ZodObject<{
            maxOldGenerationSizeMb: z.ZodExactOptional<z.ZodInt>;
            maxYoungGenerationSizeMb: z.ZodExactOptional<z.ZodInt>;
            codeRangeSizeMb: z.ZodExactOptional<z.ZodInt>;
            stackSizeMb: z.ZodExactOptional<z.ZodInt>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    breakers: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodObject<{
        window: z.ZodExactOptional<z.ZodEnum<{
            calls: "calls";
            time: "time";
        }>>;
        windowCalls: z.ZodExactOptional<z.ZodInt>;
        windowMs: z.ZodExactOptional<z.ZodInt>;
        minimumCalls: z.ZodExactOptional<z.ZodInt>;
        failureRate: z.ZodExactOptional<z.ZodNumber>;
        slowRate: z.ZodExactOptional<z.ZodNumber>;
        combinedRate: z.ZodExactOptional<z.ZodNumber>;
        slowMs: z.ZodExactOptional<z.ZodInt>;
        hangAfterMs: z.ZodExactOptional<z.ZodInt>;
        openMs: z.ZodExactOptional<z.ZodInt>;
        openMaxMs: z.ZodExactOptional<z.ZodInt>;
        probes: z.ZodExactOptional<z.ZodInt>;
        probeMs: z.ZodExactOptional<z.ZodInt>;
        rampStepMs: z.ZodExactOptional<z.ZodInt>;
        onOpen: z.ZodExactOptional<z.ZodUnion<readonly [z.ZodEnum<{
            "dead-letter": "dead-letter";
            drop: "drop";
            hold: "hold";
        }>, z.ZodString]>>;
    }, z.core.$strict>>>;
    handlers: z.ZodPrefault<z.ZodObject<{
        timeoutMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    retry: z.ZodPrefault<z.ZodObject<{
        maxAttempts: z.ZodDefault<z.ZodInt>;
        backoff: z.ZodDefault<z.ZodUnion<readonly [z.ZodEnum<{
            decorrelated: "decorrelated";
            exponential: "exponential";
            fixed: "fixed";
            linear: "linear";
        }>, z.ZodArray<z.ZodInt>]>>;
        initialMs: z.ZodDefault<z.ZodInt>;
        maxMs: z.ZodDefault<z.ZodInt>;
        jitter: z.ZodDefault<z.ZodEnum<{
            full: "full";
            none: "none";
        }>>;
        deadLetterAfterMs: z.ZodExactOptional<z.ZodInt>;
        ordering: z.ZodDefault<z.ZodEnum<{
            "block-key": "block-key";
            continue: "continue";
        }>>;
        budget: z.ZodPrefault<z.ZodObject<{
            ratio: z.ZodDefault<z.ZodNumber>;
            perSecondMin: z.ZodDefault<z.ZodNumber>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    deadLetters: z.ZodPrefault<z.ZodObject<{
        max: z.ZodDefault<z.ZodInt>;
        maxBytes: z.ZodDefault<z.ZodInt>;
        ttlMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    dedupe: z.ZodPrefault<z.ZodObject<{
        windowMs: z.ZodDefault<z.ZodInt>;
        events: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    scheduling: z.ZodPrefault<z.ZodObject<{
        weights: z.ZodPrefault<z.ZodObject<{
            high: z.ZodDefault<z.ZodInt>;
            normal: z.ZodDefault<z.ZodInt>;
            low: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        quantumUs: z.ZodDefault<z.ZodInt>;
        criticalShareMax: z.ZodDefault<z.ZodNumber>;
        criticalWindowMs: z.ZodDefault<z.ZodInt>;
        maxWaitMs: z.ZodPrefault<z.ZodObject<{
            high: z.ZodDefault<z.ZodInt>;
            normal: z.ZodDefault<z.ZodInt>;
            low: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
        outOfTurnMs: z.ZodDefault<z.ZodInt>;
        adaptive: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>>;
    flow: z.ZodPrefault<z.ZodObject<{
        targetMs: z.ZodDefault<z.ZodInt>;
        intervalMs: z.ZodDefault<z.ZodInt>;
        memoryLimitMb: z.ZodExactOptional<z.ZodInt>;
        loopDelayMs: z.ZodExactOptional<z.ZodInt>;
        ladder: z.ZodPrefault<z.ZodObject<{
            enabled: z.ZodDefault<z.ZodBoolean>;
            stepUpMs: z.ZodDefault<z.ZodInt>;
            stepDownMs: z.ZodDefault<z.ZodInt>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    rebalance: z.ZodPrefault<z.ZodObject<{
        enabled: z.ZodDefault<z.ZodBoolean>;
        intervalMs: z.ZodDefault<z.ZodInt>;
        threshold: z.ZodDefault<z.ZodNumber>;
        busyMin: z.ZodDefault<z.ZodNumber>;
        checks: z.ZodDefault<z.ZodInt>;
        movesMax: z.ZodDefault<z.ZodInt>;
        timeoutMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    watchdog: z.ZodPrefault<z.ZodObject<{
        slowMs: z.ZodDefault<z.ZodInt>;
        replaceAfterChecks: z.ZodExactOptional<z.ZodInt>;
    }, z.core.$strict>>;
    health: z.ZodPrefault<z.ZodObject<{
        lookMs: z.ZodDefault<z.ZodInt>;
        windowMs: z.ZodDefault<z.ZodInt>;
        failureRate: z.ZodDefault<z.ZodNumber>;
        failuresMin: z.ZodDefault<z.ZodInt>;
        stalledMs: z.ZodDefault<z.ZodInt>;
        recoverMs: z.ZodDefault<z.ZodInt>;
        coordinatorHungMs: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    log: z.ZodPrefault<z.ZodObject<{
        level: z.ZodDefault<z.ZodEnum<{
            debug: "debug";
            error: "error";
            fatal: "fatal";
            info: "info";
            silent: "silent";
            trace: "trace";
            warn: "warn";
        }>>;
    }, z.core.$strict>>;
    output: z.ZodPrefault<z.ZodObject<{
        bytesPerSecondMax: z.ZodDefault<z.ZodInt>;
    }, z.core.$strict>>;
    resourceLimits: z.ZodExactOptional<z.ZodObject<{
        maxOldGenerationSizeMb: z.ZodExactOptional<z.ZodInt>;
        maxYoungGenerationSizeMb: z.ZodExactOptional<z.ZodInt>;
        codeRangeSizeMb: z.ZodExactOptional<z.ZodInt>;
        stackSizeMb: z.ZodExactOptional<z.ZodInt>;
    }, z.core.$strict>>;
    events: z.ZodExactOptional<z.ZodString>;
    subscribers: z.ZodDefault<z.ZodArray<z.ZodString>>;
    source: z.ZodDefault<z.ZodString>;
}, z.core.$strict>;
export type RuntimeConfigInput = DeepReadonly<z.input<typeof configSchema>>;
type DeepReadonly<T> = T extends object ? {
    readonly [Key in keyof T]: DeepReadonly<T[Key]>;
} : T;
export type RuntimeConfig = DeepReadonly<Omit<CheckedConfig, '$schema' | 'shards' | 'shardsMax'> & {
    shards: number;
    shardsMax: number;
}>;

// packages/runtime/src/config/environment.ts
export type Environment = Readonly<Record<string, string | undefined>>;

// packages/runtime/src/config/load-config.ts
export interface LoadedConfig {
    readonly config: RuntimeConfig;
    readonly baseUrl: URL;
    readonly ignoredVariables: readonly string[];
}
export interface LoadConfigOptions {
    readonly environment?: Environment;
}
export declare function loadConfig(pathOrUrl: string | URL, options?: LoadConfigOptions): LoadedConfig;

// packages/runtime/src/config/module-path.ts
export declare function moduleUrl(path: string, baseUrl: URL): URL;

// packages/runtime/src/config/parse-config.ts
export declare function parseConfig(input: unknown, source?: string): RuntimeConfig;

// packages/runtime/src/config/read-config.ts
export type ConfigSource = string | URL | RuntimeConfigInput;

// packages/runtime/src/config/reloadable.ts
export declare function isReloadable({ keys }: Pick<ConfigKey, 'keys'>): boolean;
export interface ConfigChange {
    readonly path: string;
    readonly from: unknown;
    readonly to: unknown;
}

// packages/runtime/src/create-runtime.ts
export interface RuntimeOptions<Events> {
    readonly events?: EventRegistry<Events> | URL;
    readonly config?: ConfigSource;
    readonly subscribers?: readonly (URL | string)[];
    readonly logger?: Logger;
    readonly signals?: boolean | readonly CloseSignal[] | SignalOptions;
}
export declare function createRuntime<Events = Record<string, unknown>>(options?: RuntimeOptions<Events>): Promise<Runtime<Events>>;

// packages/runtime/src/deliver/dead-letter-reason.ts
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

// packages/runtime/src/delivery-options.ts
export type DeliveryMode = (typeof DELIVERY_MODES)[number];
type Fail = (what: string, allowed: string) => never;
interface Definition {
    readonly dedupe?: unknown;
    readonly delivery?: unknown;
    readonly retry?: unknown;
    readonly handleBatch?: unknown;
    readonly perKeyConcurrency?: unknown;
}

// packages/runtime/src/events/bytes-schema.ts
export declare const bytesSchema: z.ZodType<Uint8Array>;

// packages/runtime/src/events/define-events.ts
export type CodecChoice = 'struct' | 'json' | 'bytes' | PayloadCodec;
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
    readonly schema: Schema;
    readonly version?: number;
    readonly codec?: CodecChoice;
    readonly key?: (data: z.output<Schema>) => string | number;
    readonly priority?: PriorityName;
    readonly overflow?: OverflowPolicy;
    readonly validate?: boolean;
}
export interface OpenDefinition {
    readonly codec?: 'json' | 'bytes' | PayloadCodec;
    readonly priority?: PriorityName;
    readonly overflow?: OverflowPolicy;
}
export interface EventRegistry<Events = Record<string, unknown>> {
    readonly kind: 'ringmain.events';
    readonly definitions: ReadonlyMap<string, EventDefinition>;
    readonly open: readonly {
        readonly pattern: string;
        readonly definition: OpenDefinition;
    }[];
    readonly hash: number;
    readonly types?: Events;
}
type OpenPayload<Definition> = Definition extends {
    readonly codec: 'bytes';
} ? Uint8Array : Definition extends {
    readonly codec: PayloadCodec<infer Payload>;
} ? Payload : unknown;
type OpenPayloads<Open> = {
    [Pattern in keyof Open & string as PatternText<Pattern>]: OpenPayload<Open[Pattern]>;
};
type ClosedPayloads<Schemas> = {
    [Name in keyof Schemas]: z.output<Schemas[Name]>;
};
export type EventsOf<Schemas, Open> = {
    [Type in keyof (ClosedPayloads<Schemas> & OpenPayloads<Open>)]: Type extends keyof Schemas ? z.output<Schemas[Type]> : Type extends keyof OpenPayloads<Open> ? OpenPayloads<Open>[Type] : never;
};
export type InferEvents<Registry> = Registry extends EventRegistry<infer Events> ? Events : never;
export declare function defineEvents<Schemas extends Record<string, z.ZodType>, const Open extends Readonly<Record<string, OpenDefinition>> = Record<never, OpenDefinition>>(definitions: {
    readonly [Name in keyof Schemas]: EventDefinition<Schemas[Name]>;
}, options?: {
    readonly open?: Open;
}): EventRegistry<EventsOf<Schemas, Open>>;
export declare function isEventRegistry(value: unknown): value is EventRegistry;

// packages/runtime/src/events/system-events.ts
export interface DegradationNotice {
    readonly rung: number;
    readonly name: RungName;
    readonly previous: RungName;
    readonly pressure: number;
    readonly cause: PressureCause;
}
export type PressureCause = 'lanes' | 'memory' | 'loop' | 'credit';
export interface HandlerNotice {
    readonly state: 'slow' | 'replaced';
    readonly shard: number;
    readonly type: string | null;
    readonly group: string | null;
    readonly step: number;
    readonly runningMs: number;
}
export interface DropNotice {
    readonly type: string;
    readonly reason: PublishDrop;
    readonly count: number;
    readonly publisher: string;
}
export interface DeadLetterNotice {
    readonly group: string;
    readonly reason: DeadLetterReason;
    readonly count: number;
    readonly id: string;
    readonly type: string;
    readonly kept: number;
    readonly evicted: number;
}
export interface RebalanceNotice {
    readonly from: number;
    readonly partitions: readonly number[];
    readonly to: readonly number[];
    readonly tookMs: number;
}
export interface HealthNotice {
    readonly live: boolean;
    readonly ready: boolean;
    readonly phase: 'running' | 'draining' | 'failed' | 'closed';
    readonly reasons: readonly string[];
}
export interface BreakerNotice {
    readonly group: string;
    readonly state: BreakerState;
    readonly previous: BreakerState;
    readonly reason: BreakerReason;
    readonly calls: number;
    readonly failureRate: number;
    readonly slowRate: number;
    readonly openMs: number;
}
export interface SystemEvents {
    readonly 'system.degradation': DegradationNotice;
    readonly 'system.handler': HandlerNotice;
    readonly 'system.dropped': DropNotice;
    readonly 'system.deadletter': DeadLetterNotice;
    readonly 'system.rebalanced': RebalanceNotice;
    readonly 'system.health': HealthNotice;
    readonly 'system.breaker': BreakerNotice;
}
export type SystemNoticeName = keyof SystemEvents;
export declare const SYSTEM_DEFINITION: OpenDefinition;

// packages/runtime/src/handler-context.ts
export interface HandlerContext<State = unknown> {
    readonly shard: number;
    readonly group: string;
    readonly state: State;
    readonly attempt: number;
    readonly log: Logger;
    readonly signal: AbortSignal;
    ack(): boolean;
    nack(options?: NackOptions): boolean;
    deadLetter(reason: string): boolean;
    extend(ms: number): boolean;
    publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome;
    publishBatch(entries: readonly BatchEntry[]): PublishOutcome;
    send(type: string, data: unknown, options?: SendOptions): Promise<SendOutcome>;
}
export interface NackOptions {
    readonly delayMs?: number;
    readonly error?: unknown;
}
export interface BatchHandlerContext<State = unknown> extends Pick<HandlerContext<State>, 'shard' | 'group' | 'state' | 'log' | 'signal' | 'extend' | 'publish' | 'publishBatch' | 'send'> {
    fail(event: RingmainEvent, error: unknown): void;
    of(event: RingmainEvent): HandlerContext<State>;
}

// packages/runtime/src/health/health-report.ts
export interface RuntimeHealth {
    readonly live: boolean;
    readonly ready: boolean;
    readonly phase: RuntimePhase;
    readonly reasons: readonly string[];
    readonly shards: readonly ShardHealth[];
    readonly groups: readonly GroupHealthReport[];
}
export type RuntimePhase = 'running' | 'draining' | 'failed' | 'closed';
export interface ShardHealth {
    readonly index: number;
    readonly state: ShardState;
    readonly restarts: number;
    readonly blockedMs: number;
}
export type ShardState = 'starting' | 'recovering' | 'running' | 'blocked' | 'stuck' | 'down' | 'given-up' | 'stopped';
export interface GroupHealthReport {
    readonly name: string;
    readonly state: GroupState;
    readonly reason: string;
}

// packages/runtime/src/isolation/isolation-options.ts
export interface ThreadMemory {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
    readonly codeRangeSizeMb?: number;
    readonly stackSizeMb?: number;
}
export interface IsolationThreads {
    readonly min?: number;
    readonly max?: number;
    readonly idleTimeoutMs?: number;
    readonly resourceLimits?: ThreadMemory;
}
export interface IsolationShard {
    readonly concurrency?: number;
    readonly resourceLimits?: ThreadMemory;
}
export type Isolation = 'inline' | 'shard' | 'thread' | {
    readonly shard: IsolationShard;
} | {
    readonly threads: IsolationThreads;
};
export type IsolationKind = 'inline' | 'shard' | 'thread';
type Fail = (what: string, allowed: string) => never;

// packages/runtime/src/letters/dead-letters.ts
export interface ListOptions extends LetterFilter {
    readonly limit?: number;
    readonly offset?: number;
}
export interface RedriveOptions extends LetterFilter {
    readonly ids?: readonly string[];
    readonly limit?: number;
    readonly ratePerSec?: number;
    readonly dryRun?: boolean;
    readonly signal?: AbortSignal;
}
export interface DeadLetterParts {
    readonly context: ThreadContext;
    readonly publishing: Publishing;
    readonly store: LetterStore;
    readonly spill: LetterSpill;
    readonly pauses: RedrivePauses;
    readonly localGroups: (type: string) => readonly string[];
}
export declare class DeadLetters {
    count(filter?: LetterFilter): number;
    list(options?: ListOptions): Letter[];
    peek(id: string): Letter | undefined;
    purge(filter: LetterFilter): number;
    take(options?: LetterFilter & {
        readonly limit?: number;
    }): LetterLine[];
    onEvict(spill: ((letter: LetterLine, why: LetterGivenUp) => void) | undefined): void;
    restore(letter: LetterLine): boolean;
    redrive(options?: RedriveOptions): Promise<RedriveReport>;
}

// packages/runtime/src/letters/letter-error.ts
export interface LetterCause {
    readonly name: string;
    readonly code?: string;
    readonly message: string;
}
export interface LetterError extends LetterCause {
    readonly stack?: string;
    readonly causes: readonly LetterCause[];
}

// packages/runtime/src/letters/letter-filter.ts
export interface LetterFilter {
    readonly group?: string;
    readonly type?: string;
    readonly reason?: DeadLetterReason;
    readonly since?: number | Date;
    readonly until?: number | Date;
}

// packages/runtime/src/letters/letter-line.ts
export interface LineEvent {
    readonly id: string;
    readonly type: string;
    readonly time: string;
    readonly data?: unknown;
    readonly [attribute: string]: unknown;
}
export interface LetterLine extends Omit<Letter, 'event' | 'unreadable' | 'firstFailedAt' | 'deadAt' | 'record'> {
    readonly event: LineEvent;
    readonly unreadable?: string;
    readonly firstFailedAt?: string;
    readonly deadAt: string;
    readonly record: string;
    readonly eventsHash: number;
}
export declare function parseLetterLine(text: string): LetterLine;
export declare function letterLineFilter(filter: LetterFilter): (line: LetterLine) => boolean;

// packages/runtime/src/letters/letter-spill.ts
export type LetterGivenUp = 'evicted' | 'expired';

// packages/runtime/src/letters/letter.ts
export interface Letter {
    readonly id: string;
    readonly event: CloudEvent;
    readonly unreadable: string | undefined;
    readonly group: string;
    readonly shard: number | null;
    readonly reason: DeadLetterReason;
    readonly attempts: number;
    readonly crashes: number;
    readonly redrives: number;
    readonly error: LetterError | null;
    readonly firstFailedAt: number;
    readonly deadAt: number;
    readonly record: Uint8Array;
}

// packages/runtime/src/letters/redrive.ts
export interface RedriveReport {
    readonly matched: number;
    readonly redriven: number;
    readonly gone: number;
    readonly groups: Readonly<Record<string, number>>;
    readonly dryRun: boolean;
    readonly tookMs: number;
}

// packages/runtime/src/metrics/breakers.ts
export interface BreakerMetrics {
    readonly state: BreakerState;
    readonly opened: number;
    readonly calls: number;
    readonly failureRate: number;
    readonly slowRate: number;
    readonly probes: number;
    readonly openMs: number;
}

// packages/runtime/src/metrics/bulkheads.ts
export interface BulkheadThreadMetrics {
    readonly thread: string;
    readonly inUse: number;
    readonly quota: number | null;
    readonly limit: number | null;
    readonly cpuHeld: number;
}
export interface BulkheadMetrics {
    readonly name: string;
    readonly groups: readonly string[];
    readonly globalConcurrency: number | null;
    readonly threads: readonly BulkheadThreadMetrics[];
}
export interface BulkheadFigures {
    readonly bulkheads: readonly BulkheadMetrics[];
}

// packages/runtime/src/metrics/dead-letters.ts
export interface DeadLetterMetrics {
    readonly count: number;
    readonly bytes: number;
    readonly evicted: number;
    readonly expired: number;
    readonly purged: number;
    readonly redriven: number;
    readonly oldestMs: number | null;
}

// packages/runtime/src/metrics/publishers.ts
export interface PublisherMetrics {
    readonly name: string;
    readonly published: number;
    readonly unrouted: number;
    readonly rejected: number;
    readonly staged: number;
    readonly dropped: Readonly<Partial<Record<PublishDrop, number>>>;
    readonly types: Readonly<Record<string, number>>;
}

// packages/runtime/src/metrics/snapshot.ts
export interface GroupMetrics {
    readonly name: string;
    readonly where: 'shard' | 'main';
    readonly published: number;
    readonly delivered: number;
    readonly filtered: number;
    readonly deadLettered: number;
    readonly redelivered: number;
    readonly retried: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly inFlight: number;
    readonly isolation: IsolationKind;
    readonly threads: number;
    readonly threadsLost: number;
    readonly latencyUs: LatencySummary;
    readonly breaker?: BreakerMetrics;
}
export interface LaneMetrics {
    readonly producer: string;
    readonly consumer: string;
    readonly priority: PriorityName;
    readonly depthBytes: number;
    readonly capacityBytes: number;
}
export interface MetricsSnapshot extends SteeringMetrics, BulkheadFigures {
    readonly uptimeMs: number;
    readonly shards: number;
    readonly restarts: number;
    readonly spareReady: boolean;
    readonly recoveryUs: readonly (number | null)[];
    readonly published: number;
    readonly unrouted: number;
    readonly rejected: number;
    readonly staged: number;
    readonly criticalCapped: number;
    readonly servedOutOfTurn: number;
    readonly deadLetters: DeadLetterMetrics;
    readonly health: RuntimeHealth;
    readonly groups: readonly GroupMetrics[];
    readonly publishers: readonly PublisherMetrics[];
    readonly lanes: readonly LaneMetrics[];
    readonly conservation: {
        readonly holds: boolean;
        readonly published: number;
        readonly accounted: number;
        readonly inFlight: number;
    };
}

// packages/runtime/src/metrics/steering.ts
export interface DegradationMetrics {
    readonly rung: number;
    readonly name: RungName;
    readonly pressure: number;
}
export interface SteeringMetrics {
    readonly degradation: DegradationMetrics;
    readonly sojournUs: Readonly<Record<string, Readonly<Record<PriorityName, number>>>>;
    readonly slowHandlers: number;
    readonly stuckHandlers: number;
    readonly partitionMoves: number;
    readonly movesRolledBack: number;
    readonly lastMoveMs: number | null;
}

// packages/runtime/src/publish/batcher.ts
export interface BatcherOptions extends PublishOptions {
    readonly maxEvents?: number;
    readonly maxBytes?: number;
    readonly maxDelayMs?: number;
}
export interface Gathered {
    readonly status: 'gathered';
    readonly accepted: true;
    readonly refused?: PublishOutcome;
}
export type AddOutcome = Gathered | PublishOutcome;
export interface Batcher<Data = unknown> {
    readonly size: number;
    add(data: Data, options?: PublishOptions): AddOutcome;
    flush(): PublishOutcome | undefined;
    close(): PublishOutcome | undefined;
}

// packages/runtime/src/publish/options.ts
export interface PublishOptions extends Omit<EventAttributes, 'key' | 'redriveOf' | 'redrives'> {
    readonly priority?: PriorityName | PriorityLevel;
    readonly key?: string | number;
}
export interface WritableOptions extends PublishOptions {
    readonly signal?: AbortSignal;
}
export interface ReadyOptions {
    readonly priority?: PriorityName | PriorityLevel;
    readonly signal?: AbortSignal;
}
export interface BatchEntry extends PublishOptions {
    readonly type: string;
    readonly data: unknown;
}
export interface SendOptions extends PublishOptions {
    readonly until?: 'accepted' | 'handled';
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
}

// packages/runtime/src/reload-config.ts
export interface ReloadReport {
    readonly changed: readonly ConfigChange[];
}

// packages/runtime/src/retry-options.ts
export interface RetryOptions {
    readonly maxAttempts?: number;
    readonly backoff?: BackoffKind | readonly number[];
    readonly initialMs?: number;
    readonly maxMs?: number;
    readonly jitter?: 'full' | 'none';
    readonly deadLetterAfterMs?: number;
    readonly ordering?: 'block-key' | 'continue';
    readonly retryIf?: (error: unknown, attempt: number) => boolean;
}
type Fail = (what: string, allowed: string) => never;

// packages/runtime/src/runtime-parts.ts
export interface RuntimeParts {
    readonly context: ThreadContext;
    readonly room: MainRoom;
    readonly coordinator: CoordinatorLink | undefined;
    readonly inlineGroups: HostedGroups | undefined;
    readonly breakers: BreakerControl | undefined;
    readonly log: Logger;
    readonly onEnding: Array<() => void>;
    readonly onClosed: Array<() => void>;
}

// packages/runtime/src/runtime-results.ts
export type ClosePhaseName = 'intake' | 'drain' | 'shards' | 'threads' | 'teardown';
export interface ClosePhase {
    readonly name: ClosePhaseName;
    readonly ms: number;
    readonly timedOut: boolean;
}
export interface CloseReport {
    readonly drained: boolean;
    readonly seconds: number;
    readonly metrics: MetricsSnapshot;
    readonly abandoned: number;
    readonly deadLetters: number;
    readonly unpublished: number;
    readonly phases: readonly ClosePhase[];
}
export interface Subscription {
    readonly group: string;
    readonly ready: Promise<void>;
    unsubscribe(): void;
}
export interface ResizeReport {
    readonly shards: number;
    readonly movedPartitions: number;
    readonly terminated: readonly number[];
    readonly tookMs: number;
}

// packages/runtime/src/runtime.ts
type Name<Events> = keyof Events & string;
export declare class Runtime<Events = Record<string, unknown>> {
     readonly deadLetters: DeadLetters;
    get config(): RuntimeConfig;
    publish<Type extends Name<Events>>(type: Type, data: Events[Type], options?: PublishOptions): PublishOutcome;
    publishBatch(entries: readonly BatchEntry[]): PublishOutcome;
    batcher<Type extends Name<Events>>(type: Type, options?: BatcherOptions): Batcher<Events[Type]>;
    send<Type extends Name<Events>>(type: Type, data: Events[Type], options?: SendOptions): Promise<SendOutcome>;
    ready(type?: Name<Events>, options?: ReadyOptions): Promise<void>;
    writable<Type extends Name<Events>>(type: Type, options?: WritableOptions): WritableStream<Events[Type]>;
    subscribe<const Name extends SystemNoticeName>(pattern: Name, handle: (event: RingmainEvent<Name, SystemEvents[Name]>, ctx: HandlerContext<undefined>) => unknown, options?: SubscribeOptions<RingmainEvent<Name, SystemEvents[Name]>>): Subscription;
    subscribe<const Pattern extends string>(pattern: Pattern | readonly Pattern[], handle: (event: EventOf<Events, Pattern>, ctx: HandlerContext<undefined>) => unknown, options?: SubscribeOptions<EventOf<Events, Pattern>>): Subscription;
    flush(): Promise<void>;
    drain(options?: {
        readonly timeoutMs?: number;
    }): Promise<void>;
    close(options?: {
        readonly timeoutMs?: number;
    }): Promise<CloseReport>;
    [Symbol.asyncDispose](): Promise<void>;
    ref(): void;
    unref(): void;
    metrics(): MetricsSnapshot;
    health(): RuntimeHealth;
    restartShard(index: number): Promise<void>;
    breaker(group: string): BreakerHandle;
    resize(shards: number, options?: {
        readonly timeoutMs?: number;
    }): Promise<ResizeReport>;
    reload(config: ConfigSource): Promise<ReloadReport>;
    get failed(): RingmainError | undefined;
}

// packages/runtime/src/subscribe-options.ts
export interface SubscribeOptions<Event = RingmainEvent> {
    readonly group?: string;
    readonly priorityMin?: PriorityName;
    readonly where?: (event: Event) => boolean;
}

// packages/runtime/src/subscriber.ts
export interface BatchOptions {
    readonly size?: number;
    readonly timeoutMs?: number;
}
export type BatchBounds = Required<BatchOptions>;
export interface SetupContext {
    readonly shard: number;
    readonly group: string;
    readonly log: Logger;
}
export type WhenFull = 'backpressure' | 'shed';
type PatternsOf<Pattern> = Pattern extends readonly (infer One extends string)[] ? One : Pattern extends string ? Pattern : never;
export interface SubscriberDefinition<Events, Pattern, State> {
    readonly events?: EventRegistry<Events>;
    readonly pattern: Pattern;
    readonly group?: string;
    readonly priorityMin?: PriorityName;
    readonly where?: (event: NoInfer<EventOf<Events, PatternsOf<Pattern>>>) => boolean;
    readonly whenFull?: WhenFull;
    readonly retry?: RetryOptions;
    readonly timeoutMs?: number;
    readonly bulkhead?: string | BulkheadOptions;
    readonly breaker?: true | SubscriberBreakerOptions;
    readonly perKeyConcurrency?: number | 'unlimited';
    readonly isolation?: Isolation;
    readonly delivery?: DeliveryMode;
    readonly dedupe?: boolean;
    readonly handle?: (event: NoInfer<EventOf<Events, PatternsOf<Pattern>>>, ctx: HandlerContext<State>) => unknown;
    readonly handleBatch?: (events: readonly NoInfer<EventOf<Events, PatternsOf<Pattern>>>[], ctx: BatchHandlerContext<State>) => unknown;
    readonly batch?: BatchOptions;
    readonly setup?: (ctx: SetupContext) => State | Promise<State>;
    readonly teardown?: (state: State, ctx: SetupContext) => unknown;
}
export interface Subscriber {
    readonly kind: 'ringmain.subscriber';
    readonly events: EventRegistry | undefined;
    readonly patterns: readonly string[];
    readonly group: string;
    readonly levelMax: number;
    readonly where: ((event: RingmainEvent) => boolean) | undefined;
    readonly whenFull: WhenFull;
    readonly handle: ((event: RingmainEvent, ctx: HandlerContext) => unknown) | undefined;
    readonly handleBatch: ((events: readonly RingmainEvent[], ctx: BatchHandlerContext) => unknown) | undefined;
    readonly batch: BatchBounds | undefined;
    readonly retry: RetryOptions;
    readonly timeoutMs: number | undefined;
    readonly bulkhead: string | BulkheadOptions | undefined;
    readonly isolation: Place | undefined;
    readonly breaker: BreakerOptions | undefined;
    readonly failureIf: SubscriberBreaker['failureIf'];
    readonly perKeyConcurrency: number | undefined;
    readonly delivery: DeliveryMode;
    readonly dedupe: boolean;
    readonly setup: ((ctx: SetupContext) => unknown) | undefined;
    readonly teardown: ((state: unknown, ctx: SetupContext) => unknown) | undefined;
}
export declare function subscriber<Events = Record<string, unknown>, const Pattern extends string | readonly string[] = string, State = undefined>(definition: SubscriberDefinition<Events, Pattern, State>): Subscriber;
export declare function isSubscriber(value: unknown): value is Subscriber;

// packages/runtime/src/subscribers/load-module.ts
export declare function loadModule(url: string): Promise<Record<string, unknown>>;

// ---- ringmain/testing ----
export { accountFor, assertConservation, checkConservation, OrderChecker } from '@ringmain/testkit';
export type { FaultAction, FaultMatch, FaultPoint, FaultRule } from '@ringmain/testkit';

// packages/runtime/src/testing/create-test-runtime.ts
export interface TestRuntimeOptions<Events> extends Omit<RuntimeOptions<Events>, 'config'> {
    readonly config?: Omit<RuntimeConfigInput, 'subscribers'>;
    readonly faults?: readonly FaultRule[];
    readonly seed?: number;
}
export interface TestRuntime<Events> {
    readonly runtime: Runtime<Events>;
    readonly injected: () => readonly number[];
    readonly close: (account?: AccountOptions) => Promise<CloseReport>;
    readonly [Symbol.asyncDispose]: () => Promise<void>;
}
export declare function createTestRuntime<Events = Record<string, unknown>>(options?: TestRuntimeOptions<Events>): Promise<TestRuntime<Events>>;

// packages/runtime/src/testing/perform-fault.ts
export declare class InjectedFault extends Error {
    readonly name = "InjectedFault";
    readonly fault: number;
    constructor(fault: number);
}
