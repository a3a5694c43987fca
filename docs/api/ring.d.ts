// Public types of @ringmain/ring. Written by `npm run api`; do not edit.

// ---- @ringmain/ring ----

// packages/ring/src/atomics.ts
export type AsyncWait = {
    readonly async: false;
    readonly value: 'not-equal' | 'timed-out';
} | {
    readonly async: true;
    readonly value: Promise<'ok' | 'timed-out'>;
};
export interface AtomicsPort {
    load(words: Int32Array, index: number): number;
    store(words: Int32Array, index: number, value: number): number;
    exchange(words: Int32Array, index: number, value: number): number;
    compareExchange(words: Int32Array, index: number, expected: number, replacement: number): number;
    notify(words: Int32Array, index: number, count?: number): number;
    wait(words: Int32Array, index: number, value: number, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out';
    waitAsync(words: Int32Array, index: number, value: number): AsyncWait;
}
export declare const systemAtomics: AtomicsPort;

// packages/ring/src/bay-descriptor.ts
export declare const BAY_SLOT_BYTES = 80;
export declare const BAY_SLOT_WORDS: number;
export declare const SlotWord: {
    readonly state: 0;
    readonly lane: 1;
    readonly position: 2;
    readonly sequenceLow: 3;
    readonly sequenceHigh: 4;
    readonly step: 5;
    readonly order: 6;
    readonly attempt: 7;
    readonly crashes: 8;
    readonly due: 9;
    readonly run: 9;
    readonly redoHigh: 10;
    readonly firstMs: 10;
    readonly keyHash: 11;
    readonly bodyChunk: 12;
    readonly bodyBytes: 13;
    readonly redoCell: 14;
    readonly redoValue: 15;
    readonly redoCredit: 16;
    readonly redoReturned: 17;
    readonly delay: 18;
    readonly ended: 19;
};
export declare const FAILURE_UNIT = 256;
export declare const SlotState: {
    readonly free: 0;
    readonly filling: 1;
    readonly waiting: 2;
    readonly running: 3;
    readonly settled: 4;
};

// packages/ring/src/bay-run.ts
export declare class BayRun {
    constructor(words: Int32Array, base: number, slots: Int32Array);
    begin(first: Slot, us: number, others?: readonly {
        readonly slot: Slot;
    }[]): void;
    end(): void;
}
export declare function chargeRun(words: Int32Array, base: number, slots: Int32Array): boolean;

// packages/ring/src/bay.ts
export type Slot = number;
export interface Parking {
    readonly lane: number;
    readonly position: number;
    readonly sequenceLow: number;
    readonly sequenceHigh: number;
    readonly step: number;
    readonly keyHash: number;
    readonly attempt: number;
    readonly crashes: number;
}
export declare class Bay {
    live: number;
    constructor(slots: Int32Array, bodies: Int32Array);
    canPark(bodyBytes: number, deliveries?: number, keep?: boolean): boolean;
    park(parking: Parking, source: Int32Array, index: number, bodyBytes: number, running: boolean): Slot;
    start(slot: Slot): number;
    postpone(slot: Slot, dueMs: number, delayMs: number): void;
    markEnded(slot: Slot, why: number): void;
    endedWhy(slot: Slot): number;
    failures(slot: Slot): number;
    isPostponed(slot: Slot): boolean;
    lastDelayMs(slot: Slot): number;
    beginAsking(slot: Slot): void;
    settle(slot: Slot, cells: Int32Array, cell: number, credit: number): void;
    liveIn(partition: number): number;
    isLive(slot: Slot): boolean;
    word(slot: Slot, offset: number): number;
    bodyOffset(slot: Slot): number;
    recover(cells: Int32Array): Slot[];
    holds(lane: number, position: number, sequenceLow: number, step: number): boolean;
}
export declare function chargeBay(slots: Int32Array, solo: Slot): void;

// packages/ring/src/breaker-board.ts
export interface ProbeReport {
    readonly leased: number;
    readonly taken: number;
    readonly good: number;
    readonly bad: number;
}
export interface CallWords {
    readonly calls: number;
    readonly failed: number;
    readonly slow: number;
    readonly bad: number;
}
export declare class BreakerBoard {
    constructor(atomics: AtomicsPort, words: Int32Array, bases: readonly number[]);
    get leased(): number;
    set(mode: number, value: number, isNew: boolean): void;
    lease(probes: number, isPresent: (thread: number) => boolean): number[];
    isShort(isPresent: (thread: number) => boolean): boolean;
    takenBefore(): number;
    report(thread: number): ProbeReport;
    calls(thread: number): CallWords;
    running(thread: number): number;
}

// packages/ring/src/breaker-cell.ts
export interface CallEnd {
    readonly failed: boolean;
    readonly slow: boolean;
}
export declare class BreakerCell {
    constructor(atomics: AtomicsPort, words: Int32Array, base: number);
    gate(): number;
    probesLeft(gate: number): number;
    takeProbe(gate: number): boolean;
    giveBack(round: number): void;
    returnProbe(round: number, isGood: boolean, probes?: number): void;
    want(round: number, count: number): boolean;
    count({ failed, slow }: CallEnd, calls?: number): void;
    runSince(startedUs: number): void;
}
export declare function roundOf(gate: number): number;

// packages/ring/src/breaker-descriptor.ts
export declare const GateMode: {
    readonly open: 0;
    readonly shut: 1;
    readonly probing: 2;
    readonly ramp: 3;
};
export declare const BreakerWord: {
    readonly gate: 0;
    readonly taken: 64;
    readonly returned: number;
    readonly wanted: number;
    readonly calls: number;
    readonly failed: number;
    readonly slow: number;
    readonly bad: number;
    readonly running: number;
};
export declare const BREAKER_THREAD_BYTES: number;
export declare const BreakerBoardWord: {
    readonly state: 0;
    readonly opened: 64;
    readonly calls: number;
    readonly failureRate: number;
    readonly slowRate: number;
    readonly probes: number;
    readonly openMs: number;
    readonly command: number;
    readonly bell: number;
};
export declare const BREAKER_BOARD_BYTES: number;
export declare const PROBES_MAX = 100;
export declare const BYTE_MAX = 255;
export declare const ROUND_MASK = 65535;
export declare function gateOf(round: number, mode: number, value: number): number;

// packages/ring/src/buddy-allocator.ts
export declare const NO_BLOCK = -1;
export declare class BuddyAllocator {
    freeChunks: number;
    constructor(chunks: number);
    static orderOf(chunks: number): number;
    fits(order: number): boolean;
    allocate(order: number): number;
    reserve(chunk: number, order: number): void;
    free(chunk: number, order: number): void;
}

// packages/ring/src/counter-cells.ts
export declare const CELL_BYTES = 8;
export declare const ThreadCell: {
    readonly unrouted: 0;
    readonly rejected: 1;
    readonly batches: 2;
    readonly criticalCapped: 3;
    readonly outOfTurn: 4;
};
export declare const THREAD_CELLS = 8;
export declare const GroupCell: {
    readonly delivered: 0;
    readonly filtered: 1;
    readonly deadLettered: 2;
    readonly redelivered: 3;
    readonly offered: 4;
    readonly retried: 5;
    readonly dropped: 6;
    readonly isolationThreads: 14;
    readonly isolationThreadsLost: 15;
};
export declare const DROP_REASONS: readonly ['shed', 'breaker-open', 'duplicate', 'superseded', 'failed', 'lost'];
export declare const PUBLISH_DROPS: readonly ['sampled', 'coalesced', 'drop-new', 'drop-old', 'expired', 'closed'];
export type PublishDrop = (typeof PUBLISH_DROPS)[number];
export declare const GROUP_CELLS = 16;
export declare function addToCell(words: Int32Array, index: number, amount: number): void;
export declare function readCell(words: Int32Array, index: number): number;

// packages/ring/src/credit-account.ts
export declare class CreditAccount {
    readonly group: number;
    left: number;
    readonly kept: number[];
    constructor(atomics: AtomicsPort, control: Int32Array, base: number, group: number);
    hasRoom(priority: number): boolean;
    charge(units: number): void;
    charged(units: number): void;
    reserve(units: number): void;
    refuse(): void;
    look(): number;
    hasRoomAgain(): boolean;
    get limitUnits(): number;
}
export declare function keptUnits(window: number, priority: number): number;

// packages/ring/src/credit-descriptor.ts
export declare const CreditWord: {
    readonly published: 0;
    readonly refused: 64;
    readonly limit: number;
    readonly window: number;
    readonly returned: number;
    readonly share: number;
    readonly waitsAt: number;
};
export declare const CREDIT_BYTES: number;
export declare function creditUnits(bodyBytes: number): number;

// packages/ring/src/credit-window.ts
export interface CreditPool {
    free: number;
}
export interface CreditWindowOptions {
    readonly atomics: AtomicsPort;
    readonly control: Int32Array;
    readonly base: number;
    readonly groups: number;
    readonly shareDefault: number;
    readonly pool: CreditPool;
}
export declare class CreditWindow {
    readonly returned: number;
    short: boolean;
    constructor(options: CreditWindowOptions);
    readShares(): void;
    grant(): boolean;
    crossed(): boolean;
}

// packages/ring/src/delivery-ledger.ts
export interface Resumption {
    readonly lane: number;
    readonly position: number;
    readonly step: number;
    readonly crashes: number;
    readonly interrupted: boolean;
}
export declare class DeliveryLedger {
    constructor(words: Int32Array, base: number, cells: Int32Array);
    open(lane: number, position: number): void;
    reopen(lane: number, position: number, step: number): void;
    startedAt(us: number): void;
    settle(step: number, cell: number, credit: number, units: number): void;
    pass(step: number): void;
    setSolo(slot: number): void;
    get solo(): number;
    charge(progressOf: (lane: number) => number): boolean;
    resume(progressOf: (lane: number) => number): Resumption | undefined;
}

// packages/ring/src/doorbell.ts
export declare class Doorbell {
    constructor(atomics: AtomicsPort, words: Int32Array, index: number);
    arm(): void;
    disarm(): void;
    isArmed(): boolean;
    ring(): boolean;
    rouse(): void;
    wait(timeoutMs?: number): void;
    waitAsync(): AsyncWait;
}

// packages/ring/src/latency-histogram.ts
export declare const HISTOGRAM_BYTES: number;
export interface LatencySummary {
    readonly count: number;
    readonly p50: number;
    readonly p90: number;
    readonly p95: number;
    readonly p99: number;
    readonly max: number;
}
export declare function bucketOf(valueUs: number): number;
export declare function bucketTop(bucket: number): number;
export declare function recordLatency(words: Int32Array, base: number, valueUs: number, count: number): void;
export declare function summarizeLatency(words: Int32Array, bases: readonly number[]): LatencySummary;

// packages/ring/src/layout-builder.ts
export declare const WRITER_STRIDE_BYTES = 128;
export declare const WRITER_STRIDE_WORDS: number;
export declare class LayoutBuilder {
    region(bytes: number): number;
    get bytes(): number;
}

// packages/ring/src/link-descriptor.ts
export declare const LANE_COUNT: number;
export declare const ANSWER_LANE = 4;
export declare const LETTER_LANE: number;
export declare const LinkWord: {
    readonly tail: 0;
    readonly lanesInUse: 6;
    readonly roomWanted: 7;
    readonly head: number;
    readonly progress: number;
    readonly credit: number;
};
export declare const RoomWanted: {
    readonly lane: 1;
    readonly credit: 2;
};
export declare const LINK_BYTES: number;

// packages/ring/src/link.ts
export declare function linkIndex(plan: MemoryPlan, producer: number, consumer: number): number;
export declare function creditIndex(plan: MemoryPlan, producer: number, consumer: number): number;
export declare function laneNumber(producer: number, priority: number): number;
export declare function laneProducer(lane: number): number;
export declare function lanePriority(lane: number): number;
export declare function laneWords(plan: MemoryPlan, memory: SharedMemory, producer: number, consumer: number, priority: number): RingWords;
export declare function bayWords(plan: MemoryPlan, memory: SharedMemory, consumer: number): {
    slots: Int32Array;
    bodies: Int32Array;
};
export declare function repeatWords(plan: MemoryPlan, memory: SharedMemory, consumer: number): Int32Array;
export declare function setPositions(plan: MemoryPlan, memory: SharedMemory, position: number): void;
export declare function bodyBytesMaxOf(plan: MemoryPlan): number;

// packages/ring/src/memory-plan.ts
export declare const MAIN_THREAD = 0;
export interface MemoryPlanOptions {
    readonly shards: number;
    readonly laneBytes: readonly number[];
    readonly meshLaneBytes: number;
    readonly letterBytes?: number;
    readonly baySlots: number;
    readonly bayBytes: number;
    readonly repeatsMax?: number;
}
export interface ThreadRegions {
    readonly words: number;
    readonly cells: number;
    readonly typeCells: number;
    readonly dropCells: number;
    readonly groupCells: number;
    readonly dictionary: number;
    readonly histograms: number;
    readonly partitionLoads: number;
    readonly breakers: number;
    readonly permits: number;
}
export interface LaneRegion {
    readonly offset: number;
    readonly bytes: number;
}
export interface MemoryPlan {
    readonly options: MemoryPlanOptions;
    readonly threadCount: number;
    readonly controlBytes: number;
    readonly partitionTable: number;
    readonly breakers: number;
    readonly permitBell: number;
    readonly threads: readonly ThreadRegions[];
    readonly links: number;
    readonly outboxBytes: readonly number[];
    readonly bayBytes: number;
    readonly bayBodies: number;
    readonly bayRepeats: number;
}
export declare const TYPE_CELLS: number;
export declare const DICTIONARY_BYTES: number;
export interface SharedMemory {
    readonly control: SharedArrayBuffer;
    readonly outboxes: readonly SharedArrayBuffer[];
    readonly bays: readonly SharedArrayBuffer[];
}
export declare function planMemory(options: MemoryPlanOptions): MemoryPlan;
export declare function laneRegion(plan: MemoryPlan, producer: number, consumer: number, priority: number): LaneRegion;
export declare function allocateMemory(plan: MemoryPlan): SharedMemory;

// packages/ring/src/partition-handover.ts
export interface FencedLane {
    readonly number: number;
    readonly producer: number;
    readonly ring: {
        readonly position: number;
        tail(): number;
    };
}
export declare class PartitionHandover {
    constructor(view: PartitionView, thread: number);
    get isPending(): boolean;
    poll(lanes: () => Iterable<FencedLane>, isClear: (partition: number) => boolean): boolean;
}

// packages/ring/src/partition-map.ts
export interface PartitionMove {
    readonly partition: number;
    readonly to: number;
}
export interface PartitionWords {
    readonly control: Int32Array;
    readonly table: number;
    readonly threads: readonly number[];
    readonly partitions: number;
}
export declare class PartitionMap {
    constructor(atomics: AtomicsPort, words: PartitionWords);
    get seats(): number;
    set seats(seats: number);
    owners(): number[];
    begin(partitions: Iterable<number>): void;
    isAcknowledged(threads: Iterable<number>): boolean;
    fence(): void;
    isHandedOver(source: number): boolean;
    finish(moves: Iterable<PartitionMove>): void;
    rollBack(): boolean;
}

// packages/ring/src/partition-table-descriptor.ts
export declare const TableWord: {
    readonly epoch: 0;
    readonly fence: 1;
    readonly seats: 2;
    readonly owners: number;
};
export declare const PARTITION_MOVING = 65536;
export declare const PARTITION_TABLE_BYTES: number;

// packages/ring/src/partition-table.ts
export declare function createPartitionTable(plan: MemoryPlan, memory: SharedMemory, shards: number): void;
export declare function readSeats(control: Int32Array, plan: MemoryPlan): number;
export declare function partitionWords(plan: MemoryPlan, control: Int32Array): PartitionWords;

// packages/ring/src/partition-view.ts
export declare class PartitionView {
    readonly owners: Uint16Array<ArrayBuffer>;
    isMoving: boolean;
    leaving: readonly number[];
    ownRecords: number;
    epoch: number | undefined;
    constructor(atomics: AtomicsPort, words: PartitionWords, thread: number);
    get isStale(): boolean;
    adopt(): boolean;
    acknowledge(): void;
    isHeld(partition: number): boolean;
    isLeaving(partition: number): boolean;
    get isFenced(): boolean;
    get hasHandedOver(): boolean;
    handOver(): void;
}

// packages/ring/src/permit-board.ts
export interface PermitCounts {
    readonly quota: number;
    readonly inUse: number;
    readonly wanted: number;
}
export declare class PermitBoard {
    constructor(atomics: AtomicsPort, words: Int32Array, bases: readonly number[]);
    counts(thread: number): PermitCounts;
    lease(total: number, targets: readonly number[], contended: boolean): number[];
}
export declare function forgetPermits(atomics: AtomicsPort, words: Int32Array, first: number): void;

// packages/ring/src/permit-cell.ts
export declare class PermitCell {
    constructor(atomics: AtomicsPort, words: Int32Array, base: number, bell: Doorbell);
    get hasRoom(): boolean;
    reserve(): boolean;
    enter(isLeased?: boolean): void;
    leave(isLeased?: boolean): void;
    rest(): void;
    want(count: number): void;
    limitTo(limit: number): void;
    countCpuHeld(): void;
}

// packages/ring/src/permit-descriptor.ts
export declare const PermitWord: {
    readonly quota: 0;
    readonly inUse: 64;
    readonly wanted: number;
    readonly limit: number;
    readonly cpuHeld: number;
};
export declare const CONTENDED = 1073741824;
export declare const PERMIT_THREAD_BYTES: number;
export declare const PERMIT_BELL_BYTES = 128;

// packages/ring/src/publication-ledger.ts
export declare class PublicationLedger {
    constructor(words: Int32Array, base: number, cells: Int32Array);
    intend(cell: number, tailIndex: number, tail: number, credit: number, units: number, groupsLow: number, groupsHigh: number): void;
    confirm(): void;
    setSequence(low: number, high: number): void;
    resume(atomics: AtomicsPort): {
        low: number;
        high: number;
    };
}

// packages/ring/src/repeat-window.ts
export interface RepeatMark {
    readonly hash: number;
    readonly check: number;
    readonly event: number;
}
export declare function repeatWindowBytes(events: number): number;
export declare class RepeatWindow {
    constructor(words: Int32Array, span: number);
    holds({ hash, check, event }: RepeatMark, now: number): boolean;
    add({ hash, check, event }: RepeatMark, now: number): void;
}

// packages/ring/src/ring-consumer.ts
export declare const DRAINED = -1;
export declare class RingConsumer {
    readonly data: Int32Array;
    position: number;
    constructor(atomics: AtomicsPort, words: RingWords);
    get capacityBytes(): number;
    get backlogBytes(): number;
    tail(): number;
    refresh(): boolean;
    next(): number;
    advance(index: number): void;
    release(): boolean;
}

// packages/ring/src/ring-descriptor.ts
export declare const FRAME_BYTES = 8;
export declare const RecordKind: {
    readonly event: 1;
    readonly padding: 2;
    readonly ack: 3;
    readonly control: 4;
    readonly letter: 5;
};
export declare function unitsFor(bodyBytes: number): number;

// packages/ring/src/ring-producer.ts
export declare const NO_ROOM = -1;
export interface RingWords {
    readonly control: Int32Array;
    readonly tailIndex: number;
    readonly headIndex: number;
    readonly progressIndex: number;
    readonly data: Int32Array;
}
export declare class RingProducer {
    readonly capacityBytes: number;
    readonly bodyBytesMax: number;
    constructor(atomics: AtomicsPort, words: RingWords);
    claim(bodyBytes: number): number;
    seal(kind: number, bodyBytes: number): void;
    abort(): void;
    commit(): void;
    rollback(): void;
    get uncommittedBytes(): number;
    get sealedTail(): number;
    depthBytes(): number;
    hasRoomAgain(): boolean;
}

// packages/ring/src/thread-descriptor.ts
export declare const ThreadWord: {
    readonly bell: 0;
    readonly generation: number;
    readonly phase: number;
    readonly heartbeat: number;
    readonly inFlight: number;
    readonly firstWorkUs: number;
    readonly sojourn: number;
    readonly staged: number;
    readonly tableEpoch: number;
    readonly handedEpoch: number;
    readonly ledgerStep: number;
    readonly ledgerLane: number;
    readonly ledgerPosition: number;
    readonly ledgerRedoCell: number;
    readonly ledgerRedoValue: number;
    readonly ledgerRedoHigh: number;
    readonly ledgerStartedUs: number;
    readonly ledgerSolo: number;
    readonly ledgerRedoCredit: number;
    readonly ledgerRedoReturned: number;
    readonly runSlot: number;
    readonly runCount: number;
    readonly runStartedUs: number;
    readonly chargeLane: number;
    readonly chargePosition: number;
    readonly chargeStep: number;
    readonly chargeCrashes: number;
    readonly chargeRestarts: number;
    readonly chargeExitUs: number;
    readonly spareReady: number;
    readonly seatState: number;
    readonly chargeGeneration: number;
    readonly sequenceLow: number;
    readonly sequenceHigh: number;
    readonly publishCell: number;
    readonly publishLow: number;
    readonly publishHigh: number;
    readonly publishTailIndex: number;
    readonly publishTail: number;
    readonly publishCredit: number;
    readonly publishUnits: number;
    readonly publishGroupsLow: number;
    readonly publishGroupsHigh: number;
    readonly publishRedoCredit: number;
    readonly publishRedoValue: number;
    readonly controlEpoch: number;
    readonly rung: number;
    readonly weights: number;
    readonly ladderRung: number;
    readonly pressure: number;
    readonly slowHandlers: number;
    readonly stuckHandlers: number;
    readonly partitionMoves: number;
    readonly movesRolledBack: number;
    readonly lastMoveUs: number;
    readonly coordinatorTicks: number;
};
export declare const WEIGHT_UNITS = 256;
export declare const THREAD_BYTES: number;
export declare const SeatState: {
    readonly taken: 0;
    readonly vacant: 1;
    readonly stuck: 2;
    readonly givenUp: 3;
};
export declare const ThreadPhase: {
    readonly absent: 0;
    readonly recovering: 1;
    readonly running: 2;
    readonly stopping: 3;
    readonly stopped: 4;
};
