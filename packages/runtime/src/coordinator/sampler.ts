/**
 * The coordinator's tick: samples heartbeats and lanes, rings a consumer that sleeps although it has work, and drives the controller.
 * Thread: the coordinator. The tick backs off while nothing moves, so that an idle runtime costs almost nothing.
 */
import { Doorbell, LANE_COUNT, LINK_BYTES, LinkWord, MAIN_THREAD, SeatState, ThreadPhase, ThreadWord } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';

/** Samples one runtime. */
export class Sampler {
  private readonly context: ThreadContext;
  private readonly bells: readonly Doorbell[];
  private timer: NodeJS.Timeout | undefined;
  private lastSum = 0;
  private delayMs = 0;
  private stopped = false;
  private onTick: ((nowUs: number) => boolean) | undefined;

  constructor(context: ThreadContext) {
    this.context = context;
    this.bells = context.seed.plan.threads.map(
      ({ words }) => new Doorbell(context.atomics, context.control, (words >> 2) + ThreadWord.bell),
    );
  }

  /**
   * Begins to tick.
   *
   * @param onTick - called at each tick; true to be called again soon, although nothing moves
   */
  start(onTick?: (nowUs: number) => boolean): void {
    this.onTick = onTick;
    this.schedule(this.context.seed.config.coordinator.tickMs);
    this.context.live.watch(['coordinator'], ({ coordinator }) => this.reschedule(coordinator.tickMs));
  }

  /** Ends the tick. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Keeps the moment at which a shard's thread was seen to have ended, for metrics. */
  noteExit(shard: number, endedUs: number): void {
    const { atomics, control, seed } = this.context;
    const words = (seed.plan.threads[shard + 1]?.words ?? 0) >> 2;
    atomics.store(control, words + ThreadWord.firstWorkUs, 0);
    // 0 stands for no exit.
    atomics.store(control, words + ThreadWord.chargeExitUs, endedUs | 1);
    atomics.store(control, words + ThreadWord.seatState, SeatState.vacant);
  }

  /** A thread has taken a shard up. */
  noteTaken(shard: number): void {
    this.setSeat(shard, SeatState.taken);
  }

  /** A shard that was given up is one like any other again. One that has no thread at the moment says so still. */
  noteTakenBack(shard: number): void {
    const { atomics, control, seed } = this.context;
    const state = atomics.load(control, ((seed.plan.threads[shard + 1]?.words ?? 0) >> 2) + ThreadWord.seatState);
    if (state === SeatState.givenUp) this.noteTaken(shard);
  }

  /** A shard died too often, and others have its partitions. */
  noteGivenUp(shard: number): void {
    this.setSeat(shard, SeatState.givenUp);
  }

  /** A thread takes a shard up that has no past, or one that ended in order: there is no recovery to measure. */
  noteFresh(shard: number): void {
    const { atomics, control, seed } = this.context;
    const words = (seed.plan.threads[shard + 1]?.words ?? 0) >> 2;
    atomics.store(control, words + ThreadWord.firstWorkUs, 0);
    atomics.store(control, words + ThreadWord.chargeExitUs, 0);
    this.noteTaken(shard);
  }

  /** Says that a shard has no thread any more. */
  noteGone(shard: number): void {
    const { atomics, control, seed } = this.context;
    const words = (seed.plan.threads[shard + 1]?.words ?? 0) >> 2;
    atomics.store(control, words + ThreadWord.phase, ThreadPhase.stopped);
    atomics.store(control, words + ThreadWord.bell, 0);
  }

  /** Says whether a spare waits, for metrics. */
  noteSpare(ready: boolean): void {
    const { atomics, control, seed } = this.context;
    atomics.store(control, ((seed.plan.threads[MAIN_THREAD]?.words ?? 0) >> 2) + ThreadWord.spareReady, ready ? 1 : 0);
  }

  /** Counts a replacement of a shard, for metrics. */
  countRestart(shard: number): void {
    const { atomics, control, seed } = this.context;
    const index = ((seed.plan.threads[shard + 1]?.words ?? 0) >> 2) + ThreadWord.chargeRestarts;
    atomics.store(control, index, atomics.load(control, index) + 1);
  }

  /**
   * One tick.
   *
   * @returns true when anything moved since the last one
   */
  tick(): boolean {
    const { seed, control, atomics } = this.context;
    const { threadCount, links, threads } = seed.plan;
    let sum = 0;
    for (const { words } of threads) sum = (sum + atomics.load(control, (words >> 2) + ThreadWord.heartbeat)) | 0;
    for (let link = 0; link < threadCount * threadCount; link++) {
      const base = (links + link * LINK_BYTES) >> 2;
      const inUse = atomics.load(control, base + LinkWord.lanesInUse);
      for (let priority = 0; priority < LANE_COUNT; priority++) {
        if ((inUse & (1 << priority)) === 0) continue;
        const tail = atomics.load(control, base + LinkWord.tail + priority);
        sum = (sum + tail) | 0;
        // A sleeper with work was not rung: a producer died between its commit and the notify. Waking twice does no harm.
        if (tail !== atomics.load(control, base + LinkWord.head + priority)) this.bells[link % threadCount]?.rouse();
      }
    }
    const moved = sum !== this.lastSum;
    this.lastSum = sum;
    return moved;
  }

  /** Tells the main thread that this thread does not hang. */
  private beat(): void {
    const { atomics, control, seed } = this.context;
    const index = ((seed.plan.threads[MAIN_THREAD]?.words ?? 0) >> 2) + ThreadWord.coordinatorTicks;
    atomics.store(control, index, (atomics.load(control, index) + 1) | 0);
  }

  private setSeat(shard: number, state: number): void {
    const { atomics, control, seed } = this.context;
    atomics.store(control, ((seed.plan.threads[shard + 1]?.words ?? 0) >> 2) + ThreadWord.seatState, state);
  }

  /** Has the next tick come soon; something began between two ticks of a runtime that was quiet. */
  hurry(): void {
    const { tickMs } = this.context.seed.config.coordinator;
    if (this.delayMs > tickMs) this.reschedule(tickMs);
  }

  private reschedule(delayMs: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.schedule(delayMs);
  }

  private schedule(delayMs: number): void {
    this.delayMs = delayMs;
    this.timer = setTimeout(() => {
      const { tickMs, idleTickMs } = this.context.seed.config.coordinator;
      const moved = this.tick();
      this.beat();
      const wanted = this.onTick?.(runtimeUs(this.context)) === true;
      this.schedule(moved || wanted ? tickMs : Math.min(idleTickMs, Math.max(tickMs, delayMs * 2)));
    }, delayMs);
  }
}
