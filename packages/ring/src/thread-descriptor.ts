/**
 * Control words of one thread, whether it publishes, consumes or both.
 *
 * ```
 *   line 0  bell          written by the thread (arm, disarm) and by whoever rings it: the one shared read-modify-write
 *   line 1  status        written by the thread      generation, phase, heartbeat, deliveries in the bay, first delivery
 *   line 2  ledger        written by the thread      the delivery in progress, in a lane or the bay (recovery words), redo values
 *   line 3  charge        written by the supervisor  which delivery was in flight when the thread died, how often, when; a spare's readiness
 *   line 4  publications  written by the thread      next sequence, redo values of the last publish
 *   line 5  control       written by the coordinator what the thread shall do: rung of the degradation ladder, weights, shares of credit
 *   then    counters, published-by-type cells, topic dictionary, latency histograms: each written by the thread alone
 * ```
 *
 * The supervisor writes `charge` and the successor takes over all other lines only after the thread's `exit`: at any
 * moment each word has one writer.
 * Thread: any.
 */
import { WRITER_STRIDE_BYTES, WRITER_STRIDE_WORDS } from './layout-builder.ts';

const LINE = WRITER_STRIDE_WORDS;

/** Word offsets inside a thread block. */
export const ThreadWord = {
  bell: 0,

  /** Threads that took this block over so far; wraps. */
  generation: LINE,
  phase: LINE + 1,
  heartbeat: LINE + 2,
  /** Deliveries that wait or run in the bay; 0 with all heads at their tails means the thread is idle. */
  inFlight: LINE + 3,
  /** Microseconds since the runtime's epoch at which the present thread had delivered something, low word; 0 before. */
  firstWorkUs: LINE + 4,
  /** First of four: how long the oldest record of each priority had waited at the last turn, in microseconds. */
  sojourn: LINE + 5,
  /** Events that wait in the thread's stage as a publisher. */
  staged: LINE + 9,
  /** Epoch of the partition table that the thread goes by as a publisher. */
  tableEpoch: LINE + 10,
  /** Epoch of the move in which the thread handed its leaving partitions over. */
  handedEpoch: LINE + 11,

  /** `step << 2 | phase` of the record at `ledgerPosition`. */
  ledgerStep: 2 * LINE,
  ledgerLane: 2 * LINE + 1,
  ledgerPosition: 2 * LINE + 2,
  ledgerRedoCell: 2 * LINE + 3,
  ledgerRedoValue: 2 * LINE + 4,
  /** High word of the counter, kept only when the low word wraps. */
  ledgerRedoHigh: 2 * LINE + 7,
  /** Microseconds since the runtime's epoch at which the running handler began, low word. */
  ledgerStartedUs: 2 * LINE + 5,
  /** Slot that runs alone because it was in flight at several crashes; -1 for none, stored plus 1. */
  ledgerSolo: 2 * LINE + 6,
  /** Word of the credit that the step returns, and the value it then has. */
  ledgerRedoCredit: 2 * LINE + 8,
  ledgerRedoReturned: 2 * LINE + 9,
  /** Slot of the bay that the running handler was called with, plus 1; 0 while none runs out of the bay. */
  runSlot: 2 * LINE + 10,
  /** Handlers that were called out of the bay; wraps, and is never 0 after the first. */
  runCount: 2 * LINE + 11,
  /** Microseconds since the runtime's epoch at which the last of them was called, low word. */
  runStartedUs: 2 * LINE + 12,

  chargeLane: 3 * LINE,
  chargePosition: 3 * LINE + 1,
  chargeStep: 3 * LINE + 2,
  chargeCrashes: 3 * LINE + 3,
  chargeRestarts: 3 * LINE + 4,
  /** Microseconds since the runtime's epoch at which the last thread's exit was seen, low word. */
  chargeExitUs: 3 * LINE + 5,
  /** In the block of the main thread, which is never charged: 1 while a spare shard has loaded its modules and waits. */
  spareReady: 3 * LINE + 6,
  /** What the supervisor knows of a shard's thread; see {@link SeatState}. */
  seatState: 3 * LINE + 7,
  /** Generation of the thread whose death was charged last. */
  chargeGeneration: 3 * LINE + 8,

  sequenceLow: 4 * LINE,
  sequenceHigh: 4 * LINE + 1,
  publishCell: 4 * LINE + 2,
  publishLow: 4 * LINE + 3,
  publishHigh: 4 * LINE + 4,
  /** Word of the tail that makes the publish visible, and the value it then has. */
  publishTailIndex: 4 * LINE + 5,
  publishTail: 4 * LINE + 6,
  /** First word of the credit that the publish takes, its size, and the groups that are still to be charged. */
  publishCredit: 4 * LINE + 7,
  publishUnits: 4 * LINE + 8,
  publishGroupsLow: 4 * LINE + 9,
  publishGroupsHigh: 4 * LINE + 10,
  /** Word that is being charged, and the value it then has; 0 for none. */
  publishRedoCredit: 4 * LINE + 11,
  publishRedoValue: 4 * LINE + 12,

  /** Changes after every change of the words below and of the credit shares towards this thread. */
  controlEpoch: 5 * LINE,
  /** Rung of the degradation ladder for what this thread publishes. */
  rung: 5 * LINE + 1,
  /** First of four: scheduling weights by priority, in units of 1 / {@link WEIGHT_UNITS}; 0 stands for the configured one. */
  weights: 5 * LINE + 2,
  /** In the block of the main thread: rung of the ladder, from which the word of one publisher may differ by one. */
  ladderRung: 5 * LINE + 6,
  /** In the block of the main thread: pressure on the runtime, in thousandths. */
  pressure: 5 * LINE + 7,
  /** In the block of the main thread: handlers that were reported as slow, and threads that were ended for it; wrapping counts. */
  slowHandlers: 5 * LINE + 8,
  stuckHandlers: 5 * LINE + 9,
  /** In the block of the main thread: partitions that were moved, moves that were rolled back (wrapping counts), and microseconds of the last move. */
  partitionMoves: 5 * LINE + 10,
  movesRolledBack: 5 * LINE + 11,
  lastMoveUs: 5 * LINE + 12,
  /** In the block of the main thread: ticks of the coordinator, wrapping. It stands still when the coordinator hangs. */
  coordinatorTicks: 5 * LINE + 13,
} as const;

/** A scheduling weight of 1 in `weights`. */
export const WEIGHT_UNITS = 256;

/** Bytes of a thread's control words, without counters and tables. */
export const THREAD_BYTES = 6 * WRITER_STRIDE_BYTES;

/** What the supervisor knows of a shard's thread; a thread that died says nothing itself. */
export const SeatState = {
  /** The thread lives, or has ended in order. */
  taken: 0,
  /** It died, and its successor is not up yet. */
  vacant: 1,
  /** Its event loop stands still although no handler runs. */
  stuck: 2,
  /** It died too often: its partitions went to other shards, and it does nothing. */
  givenUp: 3,
} as const;

/** Life of a thread as it says itself. */
export const ThreadPhase = {
  absent: 0,
  recovering: 1,
  running: 2,
  stopping: 3,
  stopped: 4,
} as const;
