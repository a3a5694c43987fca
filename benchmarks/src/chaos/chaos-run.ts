/**
 * Carries out a plan of faults on one runtime, under load.
 * Thread: main.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Random } from '@ringmain/core';
import type { Runtime } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import type { ChaosBoard } from './chaos-board.ts';
import { KEYS } from './chaos-board.ts';
import type { ChaosEvents } from './chaos-events.ts';
import type { Fault } from './chaos-faults.ts';

/** Events offered before the event loop gets a turn. */
const BURST = 256;
/** A recovery that takes longer than this is none. */
const PATIENCE_US = 30_000_000;
/** Nor does a fault, with the load around it, take longer than this. */
const FAULT_MS = 120_000;
/** Deaths that an event is charged with before it is set aside. */
const POISON_DEATHS = 3;

/** A run of faults. */
export class ChaosRun {
  /** Events published, by key. */
  readonly published = new Int32Array(KEYS);
  /** Times from exit to first delivery where a spare waited, in microseconds. */
  readonly recoveriesUs: number[] = [];
  /** The same of threads that died again before the next spare was up: of what an event that kills every time does, the last. */
  readonly coldUs: number[] = [];

  readonly #runtime: Runtime<ChaosEvents>;
  readonly #board: ChaosBoard;
  readonly #random: Random;

  constructor(runtime: Runtime<ChaosEvents>, board: ChaosBoard, random: Random) {
    this.#runtime = runtime;
    this.#board = board;
    this.#random = random;
  }

  /** Offers load, has one shard die, and goes on until it has been replaced and delivers again. */
  async carryOut(fault: Fault, number: number): Promise<void> {
    const patience = AbortSignal.timeout(FAULT_MS);
    try {
      await this.#faultUnderLoad(fault, number, patience);
    } catch (error) {
      if (!patience.aborted) throw error;
      const state = JSON.stringify(this.#runtime.metrics());
      throw new Error(`fault ${number} (${fault.mode}, ${fault.moment}): nothing moves any more: ${state}`, { cause: error });
    }
  }

  async #faultUnderLoad(fault: Fault, number: number, patience: AbortSignal): Promise<void> {
    const [before, after] = fault.load;
    await this.#offer(before, patience);
    // Without a spare that waits, recovery would be a cold start.
    while (!this.#runtime.metrics().spareReady) {
      patience.throwIfAborted();
      await this.#offer(BURST, patience);
      await nextTurn();
    }
    const { restarts, recoveryUs } = this.#runtime.metrics();
    if (fault.moment === 'idle') await this.#runtime.drain({ timeoutMs: PATIENCE_US / 1000 });
    await this.#raise(fault, number);
    if (fault.moment !== 'idle') await this.#offer(after, patience);
    await this.#untilReplaced(restarts + (fault.poison ? POISON_DEATHS : 1), recoveryUs, fault, number, patience);
  }

  async #raise({ mode, moment, poison, key }: Fault, number: number): Promise<void> {
    const data = { fault: number, mode, moment, poison };
    const until = moment === 'after-notify' ? 'handled' : 'accepted';
    await this.#runtime.send('fault.raised', data, { key, until, timeoutMs: PATIENCE_US / 1000 });
    if (moment === 'after-notify') this.#board.ordered = number;
  }

  async #offer(count: number, signal: AbortSignal): Promise<void> {
    for (let done = 0; done < count; done++) {
      const key = Math.floor(this.#random.next() * KEYS);
      const event = { key, step: this.published[key] as number };
      while (!this.#runtime.publish('load.offered', event).accepted) await this.#runtime.ready('load.offered', { signal });
      this.published[key] = event.step + 1;
      if (done % BURST === BURST - 1) await nextTurn();
    }
  }

  async #untilReplaced(
    restarts: number,
    before: readonly (number | null)[],
    fault: Fault,
    number: number,
    patience: AbortSignal,
  ): Promise<void> {
    const endUs = nowUs() + PATIENCE_US;
    let ended = false;
    while (nowUs() < endUs) {
      const { restarts: now, recoveryUs } = this.#runtime.metrics();
      if (now >= restarts) {
        const changed = recoveryUs.filter((us, shard): us is number => us !== null && us !== before[shard]);
        if (changed.length > 0) {
          (fault.poison ? this.coldUs : this.recoveriesUs).push(...changed);
          return;
        }
      }
      const hanging = fault.mode === 'terminate' && !ended ? this.#board.hangingFor(number) : undefined;
      if (hanging !== undefined) {
        ended = true;
        await this.#runtime.restartShard(hanging);
      }
      // A thread that dies idle has nothing to do until then. One that stands still is found out by what it does not do.
      if (fault.moment !== 'idle' || this.#board.dying === number) await this.#offer(BURST, patience);
      await nextTurn();
    }
    throw new Error(`fault ${number} (${fault.mode}, ${fault.moment}): the shard was not replaced`);
  }
}
