/**
 * Notices a coordinator that hangs, and has it replaced; that it ended is told by its exit.
 * Thread: main. The coordinator counts its ticks in shared memory. It hangs when that count has stood still for `health.coordinatorHungMs`, three of its
 * longest ticks, and {@link STALE_LOOKS} looks of a main thread that was not blocked itself; an open inspector lets it off. One that stops its shards
 * ticks no more, and the phases of the close put an end to that.
 */
import { url as inspectorUrl } from 'node:inspector';
import { MAIN_THREAD, ThreadWord } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { CoordinatorLink } from '../control/coordinator-link.ts';
import type { ThreadContext } from '../thread-context.ts';

/** Looks in a row that must have found no tick. */
const STALE_LOOKS = 5;
const IDLE_TICKS = 3;

/** What the watch needs of the hold on the coordinator. */
export type WatchedLink = Pick<CoordinatorLink, 'isUp' | 'isStopping' | 'endHung'>;

/** Watch over the coordinator of one runtime. */
export class CoordinatorWatch {
  private readonly context: ThreadContext;
  private readonly link: WatchedLink;
  private readonly log: Logger;
  private ticks: number | undefined;
  private movedMs = 0;
  private staleLooks = 0;

  constructor(context: ThreadContext, link: WatchedLink, log: Logger) {
    this.context = context;
    this.link = link;
    this.log = log;
  }

  /** True while there is a coordinator, as far as is known. */
  get isUp(): boolean {
    return this.link.isUp;
  }

  /** Takes one look, at the pace of `health.lookMs`. */
  look(nowMs: number): void {
    const { atomics, control, seed } = this.context;
    const { health, coordinator } = seed.config;
    const ticks = atomics.load(control, ((seed.plan.threads[MAIN_THREAD]?.words ?? 0) >> 2) + ThreadWord.coordinatorTicks);
    if (ticks !== this.ticks || !this.link.isUp || this.link.isStopping || inspectorUrl() !== undefined) {
      this.ticks = ticks;
      this.movedMs = nowMs;
      this.staleLooks = 0;
      return;
    }
    this.staleLooks++;
    const silentMs = nowMs - this.movedMs;
    const hungMs = Math.max(health.coordinatorHungMs, IDLE_TICKS * coordinator.idleTickMs);
    if (this.staleLooks < STALE_LOOKS || silentMs < hungMs) return;
    this.log.error({ silentMs: Math.round(silentMs) }, 'the coordinator hangs; it is ended, and another one takes over');
    this.ticks = undefined;
    this.link.endHung(`no tick for ${Math.round(silentMs)} ms`);
  }
}
