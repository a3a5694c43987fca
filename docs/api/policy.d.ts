// Public types of @ringmain/policy. Written by `npm run api`; do not edit.

// ---- @ringmain/policy ----

// packages/policy/src/adaptive-limit.ts
export interface AdaptiveLimitOptions extends GradientOptions {
    readonly algorithm: 'aimd' | 'gradient';
    readonly min: number;
    readonly max: number;
    readonly initial: number;
    readonly windowUs: number;
    readonly backoff: number;
    readonly slowUs: number;
}
export declare class AdaptiveLimit {
    constructor(options: AdaptiveLimitOptions);
    configure(options: AdaptiveLimitOptions): void;
    get limit(): number;
    ended(tookUs: number, failed: boolean, running: number, nowUs: number): boolean;
}

// packages/policy/src/adaptive-weights.ts
export declare const WEIGHT_GROWTH_MAX = 4;
export declare class AdaptiveWeights {
    readonly factors: number[];
    constructor(intervalUs: number);
    get isConfigured(): boolean;
    update(standing: number, nowUs: number, isDegraded?: boolean): boolean;
}

// packages/policy/src/backoff.ts
export type BackoffKind = 'decorrelated' | 'exponential' | 'linear' | 'fixed';
export interface BackoffOptions {
    readonly backoff: BackoffKind | readonly number[];
    readonly initialMs: number;
    readonly maxMs: number;
    readonly jitter: 'full' | 'none';
}
export declare function backoffMs(options: BackoffOptions, failures: number, previousMs: number, chance: number): number;

// packages/policy/src/call-window.ts
export interface CallCounts {
    readonly calls: number;
    readonly failed: number;
    readonly slow: number;
    readonly bad: number;
}
export interface CallWindow {
    add(lot: CallCounts, nowUs: number): void;
    totals(nowUs: number): CallCounts;
    clear(): void;
}
export declare const NO_CALLS: CallCounts;
export declare class CallCountWindow implements CallWindow {
    constructor(calls: number);
    add(lot: CallCounts): void;
    totals(): CallCounts;
    clear(): void;
}
export declare class CallTimeWindow implements CallWindow {
    constructor(periodUs: number);
    add(lot: CallCounts, nowUs: number): void;
    totals(nowUs: number): CallCounts;
    clear(): void;
}

// packages/policy/src/circuit-breaker.ts
export interface CircuitBreakerOptions {
    readonly window: 'calls' | 'time';
    readonly windowCalls: number;
    readonly windowUs: number;
    readonly minimumCalls: number;
    readonly failureRate: number;
    readonly slowRate: number;
    readonly combinedRate: number;
    readonly openUs: number;
    readonly openMaxUs: number;
    readonly probes: number;
    readonly rampStepUs: number;
}
export declare const BREAKER_STATES: readonly ["closed", "open", "half-open", "ramp", "isolated", "forced-closed", "metrics-only"];
export type BreakerState = (typeof BREAKER_STATES)[number];
export declare const BREAKER_COMMANDS: readonly ["auto", "isolated", "forced-closed", "metrics-only"];
export type BreakerCommand = (typeof BREAKER_COMMANDS)[number];
export type BreakerReason = 'failures' | 'slowness' | 'combined' | 'hung' | 'probe-failed' | 'probe-lost' | 'waited' | 'probed' | 'ramped' | 'command';
export interface BreakerTransition {
    readonly from: BreakerState;
    readonly to: BreakerState;
    readonly reason: BreakerReason;
    readonly window: CallCounts;
    readonly openUs: number;
}
export interface ProbeCounts {
    readonly good: number;
    readonly bad: number;
    readonly lost: number;
}
export declare const RAMP_PERCENTS: readonly number[];
export declare class CircuitBreaker {
    constructor(options: CircuitBreakerOptions, random: () => number);
    configure(options: CircuitBreakerOptions): void;
    get state(): BreakerState;
    get rampPercent(): number;
    get probes(): number;
    totals(nowUs: number): CallCounts;
    resume(state: BreakerState, command: BreakerCommand, nowUs: number): void;
    observe(lot: CallCounts, nowUs: number): BreakerTransition | undefined;
    hung(nowUs: number): BreakerTransition | undefined;
    probed({ good, bad, lost }: ProbeCounts, nowUs: number): BreakerTransition | undefined;
    tick(nowUs: number): BreakerTransition | undefined;
    obey(command: BreakerCommand, nowUs: number): BreakerTransition | undefined;
}

// packages/policy/src/codel.ts
export interface SojournControlOptions {
    readonly targetUs?: number;
    readonly intervalUs?: number;
    readonly fullCount?: number;
}
export declare const SOJOURN_COUNT_MAX = 1024;
export declare class SojournControl {
    constructor(options?: SojournControlOptions);
    configure(options: SojournControlOptions): void;
    get count(): number;
    get sinceUs(): number | undefined;
    observe(sojournUs: number, nowUs: number): boolean;
    pressure(nowUs: number): number;
}

// packages/policy/src/continuation-shares.ts
export declare class ContinuationShares {
    readonly partsUs: number[];
    divide(activeUs: number, underWay: readonly number[], moved: readonly number[]): void;
}

// packages/policy/src/cpu-share.ts
export interface CpuShareOptions {
    readonly share: number;
    readonly windowUs: number;
}
export declare class CpuShare {
    constructor(options: CpuShareOptions);
    configure(options: CpuShareOptions, nowUs: number): void;
    isSpent(nowUs: number): boolean;
    charge(us: number, nowUs: number): void;
    waitUs(nowUs: number): number;
}

// packages/policy/src/degradation-ladder.ts
export declare const RUNG_NAMES: readonly ["normal", "throttle", "coalesce", "shed-low", "shed-normal", "critical-only"];
export type RungName = (typeof RUNG_NAMES)[number];
export type Rung = 0 | 1 | 2 | 3 | 4 | 5;
export type Admission = 'admit' | 'throttle' | 'sample' | 'shed';
export interface DegradationLadderOptions {
    readonly stepUpMs?: number;
    readonly stepDownMs?: number;
    readonly highWatermark?: number;
    readonly lowWatermark?: number;
}
export declare const PRESSURE_HIGH = 0.8;
export declare const PRESSURE_LOW = 0.5;
export declare const RUNG_MAX = 5;
export declare function admits(rung: Rung, priority: 0 | 1 | 2 | 3): Admission;
export declare class DegradationLadder {
    constructor(options?: DegradationLadderOptions);
    configure(options: DegradationLadderOptions): void;
    get rung(): Rung;
    update(pressure: number, nowUs: number): Rung;
}

// packages/policy/src/group-health.ts
export declare const GROUP_STATES: readonly ["ok", "degraded", "open", "stalled"];
export type GroupState = (typeof GROUP_STATES)[number];
export interface GroupFigures {
    readonly delivered: number;
    readonly deadLettered: number;
    readonly retried: number;
    readonly progress: number;
    readonly waiting: boolean;
    readonly isRetrying: () => boolean;
    readonly blockedMs: number;
    readonly threadsMissing?: number;
    readonly breaker?: 'closed' | 'half-open' | 'open';
}
export interface GroupHealthOptions {
    readonly windowMs: number;
    readonly failureRate: number;
    readonly failuresMin: number;
    readonly slowMs: number;
    readonly stalledMs: number;
    readonly recoverMs: number;
}
export interface GroupVerdict {
    readonly state: GroupState;
    readonly reason: string;
}
export declare class GroupHealth {
    constructor(options: GroupHealthOptions);
    configure(options: GroupHealthOptions): void;
    look(figures: GroupFigures, nowMs: number): GroupVerdict;
}

// packages/policy/src/lane-schedule.ts
export interface LaneScheduleOptions {
    readonly weights: readonly [number, number, number, number];
    readonly weightGrowthMax?: number;
    readonly quantumUs: number;
    readonly criticalShareMax: number;
    readonly criticalBurstUs: number;
    readonly maxWaitUs: readonly [number, number, number, number];
    readonly agedIntervalUs: number;
    readonly owedMaxUs?: number;
}
export declare const OWED_MAX_US = 50000;
export declare const NOTHING_WAITS = -1;
export declare class LaneSchedule {
    budgetUs: number;
    criticalCapped: number;
    aged: number;
    constructor(options: LaneScheduleOptions);
    configure(options: LaneScheduleOptions): void;
    next(waiting: number, nowUs: number, ageUs: (priority: number) => number): number;
    setWeights(weights: readonly number[]): void;
    get currentWeights(): readonly number[];
    charge(priority: number, usedUs: number): void;
    owe(priority: number, usedUs: number): void;
    waitBoundUs(priority: number, handlerUs: number, owedUs?: number): number;
}

// packages/policy/src/latency-gradient.ts
export interface GradientOptions {
    readonly tolerance: number;
    readonly smoothing: number;
}
export declare class LatencyGradient {
    constructor(options: GradientOptions);
    get isProbing(): boolean;
    configure(options: GradientOptions): void;
    capped(limit: number, min: number): number;
    next(limit: number, latencyUs: number): number;
}

// packages/policy/src/max-min-shares.ts
export declare function maxMinShares(total: number, demands: readonly number[], floors: readonly number[], out: number[]): number[];

// packages/policy/src/overflow-policy.ts
export type OverflowPolicy = {
    readonly policy: 'reject';
} | {
    readonly policy: 'block';
    readonly deadlineMs: number;
} | {
    readonly policy: 'drop-new';
} | {
    readonly policy: 'drop-old';
} | {
    readonly policy: 'coalesce';
} | {
    readonly policy: 'sample';
    readonly oneOf: number;
} | {
    readonly policy: 'spill';
} | {
    readonly policy: 'circuit-break';
    readonly failures: number;
    readonly cooldownMs: number;
};
export type OverflowDecision = 'stage' | 'stage-droppable' | 'replace' | 'drop-new' | 'drop-oldest-then-stage' | 'sampled' | 'reject' | 'broken';
export interface OverflowInput {
    readonly stageHasRoom: boolean;
    readonly keyed: boolean;
    readonly canReplace: boolean;
    readonly nowUs: number;
}
export declare class OverflowDecider {
    constructor(policy: OverflowPolicy);
    refusesAtOnce(nowUs: number): boolean;
    retryAfterUs(nowUs: number): number;
    decide(input: OverflowInput): OverflowDecision;
    succeeded(nowUs: number): void;
}

// packages/policy/src/partition-assignment.ts
export interface PlannedMove {
    readonly partition: number;
    readonly from: number;
    readonly to: number;
}
export declare function assignPartitions(owners: ArrayLike<number>, members: readonly number[]): readonly PlannedMove[];

// packages/policy/src/permit-leases.ts
export interface LeaseReading {
    readonly present: boolean;
    readonly quota: number;
    readonly inUse: number;
    readonly wanted: number;
}
export declare class PermitLeases {
    constructor(threads: number, total: number, holdUs: number);
    configure(total: number, holdUs: number): void;
    plan(readings: readonly LeaseReading[], nowUs: number): readonly number[];
}
export declare function isContended(readings: readonly LeaseReading[]): boolean;

// packages/policy/src/pressure.ts
export interface PressureInput {
    readonly standingLanes: number;
    readonly memoryUsed: number;
    readonly memoryLimit: number;
    readonly loopDelayMs: number;
    readonly loopDelayLimitMs: number;
    readonly creditUsed: number;
}
export declare const MEMORY_PRESSES_FROM = 0.7;
export declare const LOOP_DELAY_PRESSES_FROM = 0.5;
export declare function pressureOf(input: PressureInput): number;

// packages/policy/src/rate-turns.ts
export interface RateAsker {
    readonly count: number;
    readonly priority: number;
    readonly isBehind: boolean;
    readonly isBeside: boolean;
}
export declare class RateTurns {
    constructor(bucket: TokenBucket);
    isKeeping(nowUs: number): boolean;
    ask({ count, priority, isBehind, isBeside }: RateAsker, nowUs: number): boolean;
    next(priority: number, nowUs: number): number;
}

// packages/policy/src/rebalance-plan.ts
export interface RebalanceInput {
    readonly owners: ArrayLike<number>;
    readonly loads: ArrayLike<number>;
    readonly shards: readonly number[];
    readonly threshold: number;
    readonly movesMax: number;
}
export interface PartitionMove {
    readonly partition: number;
    readonly from: number;
    readonly to: number;
}
export declare function planMoves(input: RebalanceInput): readonly PartitionMove[];

// packages/policy/src/restart-backoff.ts
export interface RestartBackoffOptions {
    readonly initialMs: number;
    readonly maxMs: number;
    readonly calmMs: number;
}
export declare class RestartBackoff {
    constructor(options: RestartBackoffOptions);
    configure(options: RestartBackoffOptions): void;
    started(nowMs: number): void;
    died(nowMs: number): number;
}

// packages/policy/src/restart-intensity.ts
export declare class RestartIntensity {
    constructor(restartsMax: number, periodMs: number);
    configure(restartsMax: number, periodMs: number): void;
    request(nowMs: number): boolean;
    get count(): number;
}

// packages/policy/src/retry-budget.ts
export interface RetryBudgetOptions {
    readonly ratio: number;
    readonly perSecondMin: number;
}
export declare class RetryBudget {
    constructor(options: RetryBudgetOptions, deliveries?: number);
    configure(options: RetryBudgetOptions): void;
    earn(deliveries: number, nowUs: number): void;
    take(deliveries: number, nowUs: number): boolean;
    left(): number;
}

// packages/policy/src/share-plan.ts
export declare const FLOOR_PART: number;
export interface AccountReading {
    readonly outstanding: number;
    readonly refused: boolean;
    readonly standing: boolean;
}
export declare class SharePlan {
    constructor(poolUnits: number, defaults: readonly number[]);
    share(account: number): number;
    floor(account: number): number;
    get isDefault(): boolean;
    update(accounts: readonly AccountReading[]): boolean;
}

// packages/policy/src/stall-watch.ts
export type StallVerdict = 'fine' | 'slow' | 'dead';
export interface StallWatchOptions {
    readonly staleChecksWarn: number;
    readonly staleChecksDead: number;
    readonly slowUs?: number;
}
export declare class StallWatch {
    staleChecks: number;
    constructor(options: StallWatchOptions);
    check(heartbeat: number, busySinceUs: number, nowUs: number): StallVerdict;
}

// packages/policy/src/stamp-interval.ts
export declare class StampInterval {
    constructor(toleranceUs?: number, shareMax?: number);
    read(nowUs: number): number;
}

// packages/policy/src/token-bucket.ts
export interface TokenBucketOptions {
    readonly ratePerSecond: number;
    readonly burst: number;
}
export declare class TokenBucket {
    constructor(options: TokenBucketOptions);
    configure(options: TokenBucketOptions, nowUs: number): void;
    take(count: number, nowUs: number): boolean;
    waitUs(count: number, nowUs: number): number;
    available(nowUs: number): number;
}

// packages/policy/src/trail.ts
export declare class Trail {
    budget: number;
    constructor(looksMin?: number, looksMax?: number);
    worked(): void;
    empty(): boolean;
}
