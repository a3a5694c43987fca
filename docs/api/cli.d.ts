// Public types of @ringmain/cli. Written by `npm run api`; do not edit.

// ---- @ringmain/cli ----

// packages/cli/src/commands/command-io.ts
export interface CommandIo {
    readonly stdout: NodeJS.WritableStream;
    readonly stderr: ProgressStream;
    readonly signals: SignalSource;
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
