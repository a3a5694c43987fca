// Public types of @ringmain/policy. Written by `npm run api`; do not edit.

// ---- @ringmain/policy ----

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
