/**
 * What the main thread does to the runtime, chosen by a seed: offers more than the handlers can do, in a stream with bursts, sends and gives
 * up, stops a group and lets it go on, ends shards.
 * Thread: main. One `step` per turn of the event loop.
 */
import type { PublishOutcome, Runtime } from 'ringmain';
import { isRingmainError } from 'ringmain';
import { OutcomeCounts } from '@ringmain/cli/bench';
import type { Random } from '@ringmain/core';
import type { SoakBoard } from './soak-board.ts';
import type { SoakEvents, SoakType } from './soak-events.ts';
import { LOAD_TYPES } from './soak-events.ts';

const KEYS = 97;
const URGENT_ONE_OF = 50;
const SEND_ONE_OF = 400;
const SENDS_MAX = 500;
/** Events offered in one step at most; what is due beyond them is not made up for, so that a stalled machine gets no endless burst. */
const STEP_MAX = 2000;
const BURST_EVENTS = 2000;

/** Mean times between events of a kind, in seconds. */
const EVERY = { burst: 2, restart: 4, gate: 1.5 } as const;

/** How sends ended. */
export interface SendEnds {
  started: number;
  settled: number;
  /** By code of the error, or `sent`. */
  readonly by: Record<string, number>;
}

/** The load. */
export class SoakLoader {
  readonly outcomes = new OutcomeCounts();
  readonly sends: SendEnds = { started: 0, settled: 0, by: {} };
  readonly restartsAsked: Promise<void>[] = [];
  bursts = 0;
  stops = 0;
  offered = 0;
  stagedMax = 0;
  /** Critical events that were turned away by the ladder, which must never happen. */
  criticalShed = 0;

  readonly #runtime: Runtime<SoakEvents>;
  readonly #board: SoakBoard;
  readonly #random: Random;
  readonly #perSecond: number;
  #due = 0;
  #number = 0;

  constructor(runtime: Runtime<SoakEvents>, board: SoakBoard, random: Random, perSecond: number) {
    this.#runtime = runtime;
    this.#board = board;
    this.#random = random;
    this.#perSecond = perSecond;
  }

  /** Does what is due after so many seconds. */
  step(seconds: number): void {
    this.#due = Math.min(STEP_MAX, this.#due + this.#perSecond * seconds);
    if (this.#happens(EVERY.burst, seconds)) {
      this.bursts++;
      this.#due += BURST_EVENTS;
    }
    for (; this.#due >= 1; this.#due--) this.#offer();
    if (this.#happens(EVERY.gate, seconds)) {
      this.#board.stopped = !this.#board.stopped;
      if (this.#board.stopped) this.stops++;
    }
    if (this.#happens(EVERY.restart, seconds)) {
      const shard = this.#pick(this.#runtime.config.shards);
      this.restartsAsked.push(this.#runtime.restartShard(shard));
    }
  }

  #offer(): void {
    const n = this.#number++;
    this.offered++;
    const type: SoakType =
      this.#pick(URGENT_ONE_OF) === 0 ? 'soak.urgent' : (LOAD_TYPES[this.#pick(LOAD_TYPES.length)] ?? 'load.reject');
    const data = { key: this.#pick(KEYS), n };
    if (this.#pick(SEND_ONE_OF) === 0 && this.sends.started - this.sends.settled < SENDS_MAX) this.#send(type, data);
    else this.#told(type, this.#runtime.publish(type, data));
  }

  #told(type: SoakType, outcome: PublishOutcome): void {
    this.outcomes.add(outcome);
    if ('staged' in outcome) this.stagedMax = Math.max(this.stagedMax, outcome.staged);
    if (type !== 'soak.urgent') return;
    const turnedAway = outcome.status === 'rejected' && (outcome.reason === 'shed' || outcome.reason === 'throttle');
    if (turnedAway || outcome.status === 'sampled') this.criticalShed++;
  }

  /** A send with a deadline, sometimes given up before. */
  #send(type: SoakType, data: { readonly key: number; readonly n: number }): void {
    const abort = this.#pick(4) === 0 ? AbortSignal.timeout(this.#pick(100)) : undefined;
    const options = {
      until: this.#pick(2) === 0 ? 'handled' : 'accepted',
      timeoutMs: this.#pick(1000),
      ...(abort !== undefined && { signal: abort }),
    } as const;
    this.sends.started++;
    this.#runtime.send(type, data, options).then(
      () => this.#settled('sent'),
      (error: unknown) => this.#settled(isRingmainError(error) ? error.code : String(error)),
    );
  }

  #settled(how: string): void {
    this.sends.settled++;
    this.sends.by[how] = (this.sends.by[how] ?? 0) + 1;
  }

  #pick(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  #happens(everySeconds: number, seconds: number): boolean {
    return this.#random.next() < seconds / everySeconds;
  }
}
