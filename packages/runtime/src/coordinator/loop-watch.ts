/**
 * Finds shards whose event loop stands still although no handler of theirs runs: what a handler left behind spins, in a timer or after an `await`.
 * Thread: the coordinator; one check per shard and tick.
 *
 * A shard that is awake begins a turn all the time, and each turn moves its heartbeat; within a turn, and in promises that settle, deliveries of a key
 * follow one another out of the bay, each with a number. So it is stuck once it has been awake, in no synchronous handler (those are the business of
 * `HandlerWatch`), and without a beat or another delivery for {@link STUCK_CHECKS} checks in a row. One that sleeps is not looked at: it is woken
 * as soon as there is work, and found then. Checks count, not time; an open inspector lets everybody off.
 */
import { MAIN_THREAD, SeatState, ThreadPhase, ThreadWord } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ControlWords } from './control-words.ts';
import type { RunningHandlers } from './running-handler.ts';

/** Parts that the watch works with. */
export interface LoopWatchParts {
  readonly words: ControlWords;
  readonly handlers: RunningHandlers;
  readonly log: Logger;
  /** Ends the thread of a shard; its successor takes over. */
  readonly terminate: (shard: number) => void;
  /** Asks whether an inspector is open. */
  readonly inspected: () => Promise<boolean>;
}

interface Watched {
  heartbeat: number;
  runs: number;
  staleChecks: number;
}

/** Checks without a beat after which a shard is stuck. */
export const STUCK_CHECKS = 10;

/** Watch over the event loops of all shards. */
export class LoopWatch {
  private readonly parts: LoopWatchParts;
  private readonly shards: readonly Watched[];
  private replaceAfterChecks: number;
  private inspected = false;

  constructor(parts: LoopWatchParts, options: RuntimeConfig['watchdog']) {
    this.parts = parts;
    this.replaceAfterChecks = options.replaceAfterChecks ?? Infinity;
    this.shards = Array.from({ length: parts.words.threadCount - 1 }, () => ({ heartbeat: 0, runs: 0, staleChecks: 0 }));
  }

  /** Takes other options from the next check on. */
  configure(options: RuntimeConfig['watchdog']): void {
    this.replaceAfterChecks = options.replaceAfterChecks ?? Infinity;
  }

  /**
   * Checks every shard.
   *
   * @returns true while one seems to be stuck, so that the next check is worth having soon
   */
  check(nowUs: number): boolean {
    let suspects = false;
    for (const [shard, watched] of this.shards.entries()) {
      if (this.isStill(shard, watched, nowUs)) {
        suspects = true;
        this.suspect(shard, watched);
      } else this.acquit(shard, watched);
    }
    return suspects;
  }

  private isStill(shard: number, watched: Watched, nowUs: number): boolean {
    const { words, handlers } = this.parts;
    const thread = MAIN_THREAD + 1 + shard;
    const heartbeat = words.read(thread, ThreadWord.heartbeat);
    const runs = words.read(thread, ThreadWord.runCount);
    const moved = heartbeat !== watched.heartbeat || runs !== watched.runs;
    Object.assign(watched, { heartbeat, runs });
    const isAwake = words.read(thread, ThreadWord.phase) === ThreadPhase.running && words.read(thread, ThreadWord.bell) === 0;
    return isAwake && !moved && !this.isVacant(thread) && handlers.of(thread, nowUs) === undefined;
  }

  private suspect(shard: number, watched: Watched): void {
    const { words, log, terminate } = this.parts;
    const thread = MAIN_THREAD + 1 + shard;
    if (watched.staleChecks === 0) this.ask();
    if (this.inspected) return this.acquit(shard, watched);
    watched.staleChecks++;
    if (watched.staleChecks === STUCK_CHECKS) {
      log.warn({ shard }, 'the event loop of a shard stands still although no handler runs');
      // A shard that was given up stays so.
      if (words.read(thread, ThreadWord.seatState) === SeatState.taken)
        words.write(thread, ThreadWord.seatState, SeatState.stuck);
    }
    if (watched.staleChecks < Math.max(STUCK_CHECKS, this.replaceAfterChecks)) return;
    watched.staleChecks = 0;
    words.count(ThreadWord.stuckHandlers);
    log.warn({ shard }, 'its thread is replaced');
    terminate(shard);
  }

  private acquit(shard: number, watched: Watched): void {
    const { words } = this.parts;
    const thread = MAIN_THREAD + 1 + shard;
    watched.staleChecks = 0;
    if (words.read(thread, ThreadWord.seatState) === SeatState.stuck) words.write(thread, ThreadWord.seatState, SeatState.taken);
  }

  private isVacant(thread: number): boolean {
    return this.parts.words.read(thread, ThreadWord.seatState) === SeatState.vacant;
  }

  private ask(): void {
    void this.parts.inspected().then(
      (inspected) => {
        this.inspected = inspected;
      },
      // The main thread is on its way out, and with it this thread.
      () => {},
    );
  }
}
