/**
 * Watches for handlers that block a shard: warns of slow ones by name, and has the thread replaced where that is configured.
 * Thread: the coordinator; one check per shard and tick.
 *
 * 1. A handler is suspected once two checks in a row found the shard in it; so it has run for one tick, and what is said about it is true. One that
 *    runs for `slowMs` and a tick is found in any case.
 * 2. At its first suspicion the main thread is asked whether an inspector is open: only it can tell, and a shard that stands at a breakpoint
 *    stands for good. What it last said holds until it answers.
 * 3. A thread is replaced after so many checks without progress, not after a time: a suspended machine wakes to the same number of checks.
 */
import { StallWatch } from '@ringmain/policy';
import { MAIN_THREAD, ThreadWord } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { HandlerNotice } from '../events/system-events.ts';
import type { ControlWords } from './control-words.ts';
import type { RunningHandler, RunningHandlers } from './running-handler.ts';
import { isSameHandler } from './running-handler.ts';

/** Parts that the watch works with. */
export interface HandlerWatchParts {
  readonly words: ControlWords;
  readonly handlers: RunningHandlers;
  readonly log: Logger;
  readonly tell: (notice: HandlerNotice) => void;
  /** Ends the thread of a shard; its successor takes over. */
  readonly terminate: (shard: number) => void;
  /** Asks whether an inspector is open. */
  readonly inspected: () => Promise<boolean>;
}

interface WatchedShard {
  stall: StallWatch;
  /** What the last check found, and when it began at the earliest. */
  last: RunningHandler | undefined;
  sinceUs: number;
  /** Threads that the shard had before the present one; a successor that takes up the same record begins anew. */
  restarts: number;
  /** The thread was ended for the handler that was found last. */
  ended: boolean;
}

/** Watch over all shards. */
export class HandlerWatch {
  private readonly parts: HandlerWatchParts;
  private options: RuntimeConfig['watchdog'];
  private readonly shards: readonly WatchedShard[];
  private inspected = false;
  private checkedUs = 0;

  constructor(parts: HandlerWatchParts, options: RuntimeConfig['watchdog']) {
    this.parts = parts;
    this.options = options;
    this.shards = Array.from({ length: parts.words.threadCount - 1 }, () => ({
      stall: this.newStall(),
      last: undefined,
      sinceUs: 0,
      restarts: 0,
      ended: false,
    }));
    this.ask();
  }

  /** Takes other options from now on; handlers that run count from the beginning again. */
  configure(options: RuntimeConfig['watchdog']): void {
    this.options = options;
    for (const watched of this.shards) watched.stall = this.newStall();
  }

  /**
   * Checks every shard.
   *
   * @returns true while one is in a handler, so that the next check is worth having soon
   */
  check(nowUs: number): boolean {
    let busy = false;
    for (const [shard, watched] of this.shards.entries()) {
      const running = this.parts.handlers.of(shard + MAIN_THREAD + 1, nowUs);
      busy ||= running !== undefined;
      this.checkShard(shard, watched, running, nowUs);
    }
    this.checkedUs = nowUs;
    return busy;
  }

  private checkShard(shard: number, watched: WatchedShard, running: RunningHandler | undefined, nowUs: number): void {
    const { words } = this.parts;
    const heartbeat = words.read(shard + 1, ThreadWord.heartbeat);
    const restarts = words.read(shard + 1, ThreadWord.chargeRestarts);
    if (running === undefined || restarts !== watched.restarts || !isSameHandler(running, watched.last)) {
      // It began after the check before, which found another one; its time begins to count with the next check.
      const sinceUs = running === undefined ? 0 : Math.max(running.stretchUs, this.checkedUs);
      watched.stall.check(heartbeat, sinceUs, sinceUs);
      Object.assign(watched, { last: running, sinceUs, restarts, ended: false });
      return;
    }
    if (watched.ended) return;
    if (watched.stall.staleChecks === 0) this.ask();
    if (this.inspected) {
      watched.stall = this.newStall();
      return;
    }
    const verdict = watched.stall.check(heartbeat, watched.sinceUs, nowUs);
    if (verdict === 'slow') this.report(shard, running, 'slow', nowUs - watched.sinceUs);
    if (verdict !== 'dead') return;
    watched.ended = true;
    this.report(shard, running, 'replaced', nowUs - watched.sinceUs);
    this.parts.terminate(shard);
  }

  private report(shard: number, handler: RunningHandler, state: HandlerNotice['state'], runningUs: number): void {
    const { words, handlers, log, tell } = this.parts;
    const { type, group } = handlers.name(shard + 1, handler);
    const runningMs = Math.round(runningUs / 1000);
    words.count(state === 'slow' ? ThreadWord.slowHandlers : ThreadWord.stuckHandlers);
    const notice = { state, shard, type, group, step: handler.step, runningMs };
    log.warn(
      notice,
      state === 'slow' ? 'a handler blocks its shard' : 'a handler blocked its shard for too long; the thread is replaced',
    );
    tell(notice);
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

  private newStall(): StallWatch {
    const { slowMs, replaceAfterChecks = Infinity } = this.options;
    return new StallWatch({ slowUs: slowMs * 1000, staleChecksWarn: Infinity, staleChecksDead: replaceAfterChecks });
  }
}
