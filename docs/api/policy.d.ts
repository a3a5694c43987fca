// Public types of @ringmain/policy. Written by `npm run api`; do not edit.

// ---- @ringmain/policy ----

// packages/policy/src/lane-schedule.ts
export interface LaneScheduleOptions {
    readonly weights: readonly [number, number, number, number];
    readonly quantumUs: number;
    readonly criticalShareMax: number;
    readonly criticalBurstUs: number;
    readonly maxWaitUs: readonly [number, number, number, number];
    readonly agedIntervalUs: number;
}
export declare const NOTHING_WAITS = -1;
export declare class LaneSchedule {
    budgetUs: number;
    criticalCapped: number;
    aged: number;
    constructor(options: LaneScheduleOptions);
    next(waiting: number, nowUs: number, ageUs: (priority: number) => number): number;
    charge(priority: number, usedUs: number): void;
    waitBoundUs(priority: number, handlerUs: number): number;
}

// packages/policy/src/restart-intensity.ts
export declare class RestartIntensity {
    constructor(restartsMax: number, periodMs: number);
    request(nowMs: number): boolean;
    get count(): number;
}

// packages/policy/src/stamp-interval.ts
export declare class StampInterval {
    constructor(toleranceUs?: number, shareMax?: number);
    read(nowUs: number): number;
}

// packages/policy/src/trail.ts
export declare class Trail {
    budget: number;
    constructor(looksMin?: number, looksMax?: number);
    worked(): void;
    empty(): boolean;
}
