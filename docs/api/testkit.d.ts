// Public types of @ringmain/testkit. Written by `npm run api`; do not edit.

// ---- @ringmain/testkit ----

// packages/testkit/src/account-for.ts
export interface Account<Runtime> {
    readonly runtime: Runtime;
    check(report: CloseFigures, options?: AccountOptions): void;
}
export declare function accountFor<Runtime extends object>(runtime: Runtime): Account<Runtime>;

// packages/testkit/src/close-account.ts
export interface CloseFigures {
    readonly drained: boolean;
    readonly abandoned: number;
    readonly unpublished: number;
    readonly metrics: {
        readonly published: number;
        readonly rejected: number;
        readonly staged: number;
        readonly groups: readonly (GroupCounts & {
            readonly where: 'shard' | 'main';
        })[];
        readonly publishers: readonly PublisherFigures[];
        readonly lanes: readonly {
            readonly producer: string;
            readonly consumer: string;
            readonly depthBytes: number;
        }[];
        readonly conservation: {
            readonly holds: boolean;
            readonly published: number;
            readonly accounted: number;
            readonly inFlight: number;
        };
    };
}
export interface Witness {
    readonly ledger: OutcomeLedger;
    readonly calls: ReadonlyMap<string, number>;
    readonly unsettledSends: number;
}
export interface AccountOptions {
    readonly abandons?: string;
}
export declare function assertAccount(report: CloseFigures, witness: Witness, options?: AccountOptions): void;

// packages/testkit/src/conservation.ts
export interface GroupCounts {
    readonly name: string;
    readonly published: number;
    readonly delivered: number;
    readonly filtered: number;
    readonly deadLettered: number;
    readonly dropped: Readonly<Record<string, number>>;
    readonly inFlight: number;
}
export interface Imbalance {
    readonly group: string;
    readonly published: number;
    readonly accounted: number;
    readonly message: string;
}
export interface Conservation {
    readonly holds: boolean;
    readonly imbalances: readonly Imbalance[];
}
export declare function checkConservation(ledger: readonly GroupCounts[]): Conservation;
export declare function assertConservation(ledger: readonly GroupCounts[]): void;

// packages/testkit/src/explore.ts
export interface ExploreOptions {
    readonly mode?: 'reduced' | 'every-order';
    readonly executionsMax?: number;
    readonly stepsMax?: number;
}
export interface SampleOptions {
    readonly seed: number;
    readonly runs: number;
    readonly changes?: number;
    readonly stepsMax?: number;
}
export interface ExplorationStats {
    readonly executions: number;
    readonly pruned: number;
    readonly killPoints: number;
    readonly depthMax: number;
    readonly events: number;
    readonly accesses: number;
    readonly runs: number;
}
export interface Exploration {
    readonly scenario: string;
    readonly failure: Failure | undefined;
    readonly stats: ExplorationStats;
}
export declare function explore<Shared>(scenario: Scenario<Shared>, options?: ExploreOptions): Exploration;
export declare function sample<Shared>(scenario: Scenario<Shared>, options: SampleOptions): Exploration;
export declare function replay<Shared>(scenario: Scenario<Shared>, schedule: string, stepsMax?: number): Exploration & {
    readonly trace: readonly TraceStep[];
};
export declare function assertHolds(exploration: Exploration): ExplorationStats;

// packages/testkit/src/failure.ts
export type FailureKind = 'race' | 'lost-wake-up' | 'deadlock' | 'endless' | 'thrown' | 'check' | 'swallowed' | 'diverged' | 'bound';
export interface TraceStep {
    readonly thread: string;
    readonly generation: number;
    readonly operation: string;
    readonly where: string;
    readonly value: string;
    readonly at: string;
}
export interface Failure {
    readonly kind: FailureKind;
    readonly message: string;
    readonly schedule: string;
    readonly trace: readonly TraceStep[];
    readonly seed?: number;
    readonly cause?: unknown;
}
export declare function formatFailure(scenario: string, failure: Failure): string;

// packages/testkit/src/fault-points.ts
export declare const FAULT_POINTS: readonly ["publish", "handler", "settle"];
export type FaultPoint = (typeof FAULT_POINTS)[number];
export declare const FAULT_ACTIONS: Readonly<{
    readonly drop: readonly ["publish", "handler"];
    readonly duplicate: readonly ["publish", "handler"];
    readonly throw: readonly ["publish", "handler", "settle"];
    readonly delay: readonly ["handler", "settle"];
    readonly hang: readonly ["handler", "settle"];
    readonly slow: readonly ["publish", "handler", "settle"];
    readonly block: readonly ["handler", "settle"];
    readonly kill: readonly ["handler", "settle"];
    readonly oom: readonly ["handler", "settle"];
    readonly 'clock-jump': readonly ["publish", "handler", "settle"];
}>;
export type FaultAction = keyof typeof FAULT_ACTIONS;
export interface FaultMatch {
    readonly type?: string;
    readonly group?: string;
    readonly key?: string;
}
export interface FaultRule {
    readonly at: FaultPoint;
    readonly action: FaultAction;
    readonly match?: FaultMatch;
    readonly rate?: number;
    readonly limit?: number;
    readonly attemptsMax?: number;
    readonly ms?: number;
}
export interface FaultSubject {
    readonly type: string;
    readonly group?: string;
    readonly key?: string | undefined;
    readonly number: number;
    readonly attempt?: number;
}
export interface Fault {
    readonly action: FaultAction;
    readonly ms: number;
    readonly rule: number;
}
export declare function endsThread(action: FaultAction): boolean;
export declare class FaultPoints {
    constructor(seed: number, rules: readonly FaultRule[], counts: Int32Array, atomics: AtomicsPort);
    fired(): number[];
    concerns(at: FaultPoint): boolean;
    hit(at: FaultPoint, subject: FaultSubject): Fault | undefined;
}

// packages/testkit/src/manual-clock.ts
export interface ManualClock extends Clock {
    advance(us: number): void;
    stepWall(ms: number): void;
}
export declare function manualClock(startUs?: number, wallStartMs?: number): ManualClock;

// packages/testkit/src/mutants.ts
export interface Mutation {
    readonly name: string;
    readonly file: string;
    readonly find: string;
    readonly replace: string;
}
export interface Mutant<Module> {
    readonly module: Module;
    dispose(): Promise<void>;
}
export interface MutantVerdict {
    readonly name: string;
    readonly caughtBy: string | undefined;
}
export declare function importMutant<Module>(packageFolder: string, mutation: Mutation, entry?: string): Promise<Mutant<Module>>;
export declare function judgeMutants(packageFolder: string, mutations: readonly Mutation[], verdict: (module: unknown, mutation: Mutation) => string | undefined): Promise<MutantVerdict[]>;

// packages/testkit/src/order-checker.ts
export interface Disorder {
    readonly key: string;
    readonly sequence: number;
    readonly after: number;
}
export interface OrderReport {
    readonly published: number;
    readonly delivered: number;
    readonly duplicates: number;
    readonly deliveriesMax: number;
    readonly lost: readonly string[];
    readonly strangers: readonly string[];
    readonly disorders: readonly Disorder[];
}
export declare class OrderChecker {
    published(key: string | number, sequence: number): void;
    delivered(key: string | number, sequence: number): void;
    report(): OrderReport;
}

// packages/testkit/src/outcome-ledger.ts
export interface PublisherFigures {
    readonly name: string;
    readonly published: number;
    readonly rejected: number;
    readonly staged: number;
    readonly dropped: Readonly<Record<string, number | undefined>>;
    readonly types: Readonly<Record<string, number>>;
}
export declare class OutcomeLedger {
    note(outcome: PublishOutcome, types: readonly string[]): void;
    add(type: string, certain: number, possible: number): void;
    noteRetries(): void;
    told(status: PublishOutcome['status']): number;
    differences(figures: PublisherFigures, unpublished?: number): string[];
}

// packages/testkit/src/scenario.ts
export interface ThreadContext {
    readonly name: string;
    readonly generation: number;
    note(label: string, value?: unknown): void;
    spin(words: Int32Array, index: number, value: number): number;
    await(result: AsyncWait): 'ok' | 'not-equal' | 'timed-out';
    choose(options: number): number;
}
export type ThreadBody<Shared> = (shared: Shared, thread: ThreadContext) => unknown;
export interface ThreadSpec<Shared> {
    readonly name: string;
    readonly run: ThreadBody<Shared>;
    readonly successor?: ThreadBody<Shared>;
    readonly daemon?: boolean;
}
export interface KillPlan {
    readonly max: number;
    readonly victims: readonly string[];
    readonly at?: 'effects' | 'every-access';
}
export interface Note {
    readonly thread: string;
    readonly generation: number;
    readonly label: string;
    readonly value: unknown;
}
export interface FinalState<Shared> {
    readonly shared: Shared;
    readonly results: Readonly<Record<string, unknown>>;
    readonly notes: readonly Note[];
    readonly deaths: Readonly<Record<string, number>>;
    readonly blocked: readonly string[];
    noted(label: string, thread?: string): unknown[];
    fingerprint(): string;
}
export interface Scenario<Shared> {
    readonly name: string;
    setup(memory: SimulatedMemory): Shared;
    readonly threads: readonly ThreadSpec<Shared>[];
    readonly kills?: KillPlan;
    readonly timeouts?: number;
    check?(final: FinalState<Shared>): void;
}

// packages/testkit/src/simulated-memory.ts
export declare class SimulatedMemory {
    readonly atomics: AtomicsPort;
    readonly initial: number[];
    constructor();
    words(length: number, name?: string): Int32Array;
    label(words: Int32Array, index: number, name: string, length?: number): void;
    nameOf(word: number): string;
    connect(backend: MemoryBackend): void;
    locate(words: Int32Array, index: number): number;
}
