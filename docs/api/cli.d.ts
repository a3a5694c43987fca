// Public types of @ringmain/cli. Written by `npm run api`; do not edit.

// ---- @ringmain/cli ----

// packages/cli/src/commands/command-io.ts
export interface CommandIo {
    readonly stdout: NodeJS.WritableStream;
    readonly stderr: ProgressStream;
    readonly signals: SignalSource & HangupSource;
}

// packages/cli/src/exit-codes.ts
export declare const ExitCode: Readonly<{
    readonly ok: 0;
    readonly incomplete: 1;
    readonly usage: 2;
    readonly badInput: 3;
    readonly failed: 4;
    readonly interrupted: 130;
    readonly terminated: 143;
}>;
export type ExitCodeValue = (typeof ExitCode)[keyof typeof ExitCode];
export declare const EXIT_CODE_TEXTS: readonly (readonly [code: ExitCodeValue, text: string])[];

// packages/cli/src/program.ts
export declare function runProgram(argv: readonly string[], io: CommandIo): Promise<ExitCodeValue>;

// packages/cli/src/report/run-report.ts
export interface GroupReport {
    readonly name: string;
    readonly where: 'shard' | 'main';
    readonly delivered: number;
    readonly filtered: number;
    readonly deadLettered: number;
    readonly redelivered: number;
    readonly retried: number;
    readonly dropped: number;
    readonly latencyUs: {
        readonly p50: number;
        readonly p95: number;
        readonly p99: number;
        readonly max: number;
    };
}
export interface RunReport {
    readonly events: number;
    readonly eventsPerSecond: number;
    readonly seconds: number;
    readonly lost: number;
    readonly dropped: number;
    readonly droppedBy: Readonly<Record<string, number>>;
    readonly deadLettered: number;
    readonly duplicates: number;
    readonly restarts: number;
    readonly shards: number;
    readonly unrouted: number;
    readonly drained: boolean;
    readonly conservation: {
        readonly holds: boolean;
        readonly published: number;
        readonly accounted: number;
        readonly inFlight: number;
    };
    readonly groups: readonly GroupReport[];
    readonly queues: readonly PeakDepth[];
    readonly input: {
        readonly name: string;
        readonly bad: number;
        readonly firstBad: readonly {
            readonly position: number;
            readonly message: string;
        }[];
        readonly waits: number;
        readonly error: string | null;
    };
    readonly interruptedBy: string | null;
    readonly failure: string | null;
}

// ---- @ringmain/cli/bench ----

// packages/cli/src/bench/generate-load.ts
export declare const TURN_US = 1000;
export type LoadPace = (turn: () => void, idleUs: number) => void;
export declare const promptPace: LoadPace;
export declare const thriftyPace: LoadPace;
export interface LoadOptions {
    readonly schedule: LoadSchedule;
    readonly publish: (index: number, dueUs: number) => LoadOutcome;
    readonly clock: Pick<Clock, 'monotonicUs'>;
    readonly outcomes: OutcomeCounts;
    readonly lateness: Histogram;
    readonly stop: AbortSignal;
    readonly pace?: LoadPace;
    readonly onTurn?: (nowUs: number) => void;
}
export interface LoadEnd {
    readonly published: number;
    readonly startUs: number;
    readonly endUs: number;
}
export declare function generateLoad(options: LoadOptions): Promise<LoadEnd>;

// packages/cli/src/bench/histogram.ts
export interface HistogramSummary {
    readonly count: number;
    readonly p50: number;
    readonly p90: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
}
export declare class Histogram {
    record(value: number): void;
    summary(): HistogramSummary;
    takeInterval(): HistogramSummary;
}

// packages/cli/src/bench/html/html-page.ts
export interface PageTable {
    readonly caption: string;
    readonly rows: readonly (readonly string[])[];
}
export interface PageSection {
    readonly heading: string;
    readonly text?: string;
    readonly tables: readonly PageTable[];
    readonly plots: readonly Plot[];
}
export interface Page {
    readonly title: string;
    readonly text: string;
    readonly sections: readonly PageSection[];
}
export declare function htmlPage({ title, text, sections }: Page): string;

// packages/cli/src/bench/html/sample-plots.ts
export interface SamplePlotTexts {
    readonly latency: string;
}
export declare function samplePlots(samples: readonly LoadSample[], texts: SamplePlotTexts): Plot[];

// packages/cli/src/bench/html/svg-plot.ts
export interface PlotSeries {
    readonly name: string;
    readonly values: readonly (number | null)[];
}
export interface Plot {
    readonly title: string;
    readonly description: string;
    readonly kind: 'lines' | 'stacked';
    readonly axis?: 'linear' | 'logarithmic' | 'bytes';
    readonly seconds: readonly number[];
    readonly series: readonly PlotSeries[];
    readonly format: (value: number) => string;
}

// packages/cli/src/bench/load-sampler.ts
export declare const SAMPLE_MS = 100;
export interface NamedLatency {
    readonly name: string;
    readonly p50: number;
    readonly p99: number;
}
export interface LoadSample {
    readonly atMs: number;
    readonly publishedPerSecond: number;
    readonly handledPerSecond: number;
    readonly rejectedPerSecond: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly depthBytes: number;
    readonly inFlight: number;
    readonly latencies: readonly NamedLatency[];
    readonly latenessP99Us: number;
    readonly rssBytes: number;
    readonly mainCpu: number | null;
    readonly degradation: string;
}
export interface SampleSources {
    readonly clock: Pick<Clock, 'monotonicUs'>;
    readonly metrics: () => MetricsSnapshot;
    readonly outcomes: OutcomeCounts;
    readonly lateness: Histogram;
    readonly latencies?: () => readonly NamedLatency[];
}
export declare class LoadSampler {
    readonly samples: LoadSample[];
    constructor(sources: SampleSources);
    take(): MetricsSnapshot;
}
export declare function statesSeen(samples: readonly LoadSample[]): string[];

// packages/cli/src/bench/load-schedule.ts
export interface LoadSchedule {
    readonly events: number;
    readonly lengthUs: number;
    dueUs(index: number): number;
}
export interface LoadRate {
    readonly ratePerSecond: number;
    readonly seconds: number;
    readonly burst?: number;
}
export declare function constantLoad({ ratePerSecond, seconds, burst }: LoadRate): LoadSchedule;
export declare function loadAtOnce(events: number): LoadSchedule;
export declare function steppedLoad(steps: readonly LoadRate[]): LoadSchedule;

// packages/cli/src/bench/machine-fact-rows.ts
export declare function machineFactRows(): string[][];

// packages/cli/src/bench/main-thread-cpu.ts
export declare function mainThreadCpuUs(): number | null;

// packages/cli/src/bench/outcome-counts.ts
export interface LoadOutcome {
    readonly status: string;
    readonly accepted: boolean;
    readonly reason?: string;
}
export declare class OutcomeCounts {
    get total(): number;
    get accepted(): number;
    add(outcome: LoadOutcome): void;
    addAll(other: OutcomeCounts): void;
    of(status: string): number;
    byStatus(): Record<string, number>;
    reasons(): Record<string, number>;
}
export declare function countsBetween(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): Record<string, number>;
