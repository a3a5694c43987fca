/**
 * Tells how a group of subscribers is doing, from figures that somebody else reads: `ok`, `degraded`, `open` or `stalled`, with the reason in words.
 * Pure: the caller says what time it is. Thread: any; one instance per group.
 *
 * 1. `open`: its circuit breaker is open. `stalled`: work waits, and nothing of it got on for `stalledMs` and three looks; or one synchronous handler
 *    blocks a shard for as long. `degraded`: of the attempts of the last `windowMs` too many failed; a handler blocks a shard; a thread of the group's own
 *    is missing; the breaker probes.
 * 2. What waits for its next attempt after a failure waits on purpose, and is not stalled.
 * 3. Worse is said at once, better only once it has been better for `recoverMs`: a group at the threshold does not flap.
 * Invariant: a state gets better at most once in `recoverMs`; time alone stalls nobody, so that a suspended machine wakes to the same number of looks.
 * Source: the states of Resilience4j's health indicators; hysteresis as in the degradation ladder.
 */

/** States of a group, the best first. */
export const GROUP_STATES = Object.freeze(['ok', 'degraded', 'open', 'stalled'] as const);

/** One of {@link GROUP_STATES}. */
export type GroupState = (typeof GROUP_STATES)[number];

/** What is known of a group. Counts only grow. */
export interface GroupFigures {
  readonly delivered: number;
  /** Deliveries that ended without success. */
  readonly deadLettered: number;
  /** Attempts that failed and were followed by another. */
  readonly retried: number;
  /** Changes whenever anything of the group got on. */
  readonly progress: number;
  /** True while something was accepted for the group and has not settled. */
  readonly waiting: boolean;
  /** Asked for only when the group seems to be stalled: true when what waits does so for its next attempt. */
  readonly isRetrying: () => boolean;
  /** How long a synchronous handler of the group has blocked a shard, in milliseconds; 0 when none does. */
  readonly blockedMs: number;
  /** Threads of the group's own that should be up and are not. */
  readonly threadsMissing?: number;
  /** State of its circuit breaker, where it has one. */
  readonly breaker?: 'closed' | 'half-open' | 'open';
}

/** Thresholds of a {@link GroupHealth}. */
export interface GroupHealthOptions {
  /** Period over which failures are counted, in milliseconds. */
  readonly windowMs: number;
  /** Part of the attempts that fail in a degraded group, from 0 to 1. */
  readonly failureRate: number;
  /** Failed attempts within the window below which no rate is worth anything. */
  readonly failuresMin: number;
  /** Time from which on a handler that blocks its shard counts, in milliseconds. */
  readonly slowMs: number;
  /** Time without progress after which work that waits is stalled, in milliseconds. */
  readonly stalledMs: number;
  /** Time for which a group must be better before it is said to be. */
  readonly recoverMs: number;
}

/** What a {@link GroupHealth} says. */
export interface GroupVerdict {
  readonly state: GroupState;
  /** Why, in words; empty for `ok`. */
  readonly reason: string;
}

interface Sample {
  readonly atMs: number;
  readonly failed: number;
  readonly attempts: number;
}

/** Parts of the window that are counted apart. */
const PARTS = 10;
/** Looks without progress before anything is stalled. */
const STALE_LOOKS = 3;
const OK: GroupVerdict = Object.freeze({ state: 'ok', reason: '' });

/** Health of one group. */
export class GroupHealth {
  private options: GroupHealthOptions;
  /** At most one for each part of the window, and two at its ends. */
  private samples: Sample[] = [];
  private progress: number | undefined;
  private movedMs = 0;
  private staleLooks = 0;
  private said: GroupVerdict = OK;
  private betterSinceMs: number | undefined;

  constructor(options: GroupHealthOptions) {
    this.options = options;
  }

  /** Takes other thresholds from the next look on. */
  configure(options: GroupHealthOptions): void {
    this.options = options;
  }

  /** Takes one look; looks may come at any pace. */
  look(figures: GroupFigures, nowMs: number): GroupVerdict {
    this.follow(figures, nowMs);
    return this.say(this.judge(figures, nowMs), nowMs);
  }

  private follow({ progress, waiting, breaker, delivered, deadLettered, retried }: GroupFigures, nowMs: number): void {
    // What an open breaker holds waits on purpose, and gets on after that.
    if (progress !== this.progress || !waiting || breaker === 'open') {
      this.movedMs = nowMs;
      this.staleLooks = 0;
    } else this.staleLooks++;
    this.progress = progress;
    const { windowMs } = this.options;
    const newest = this.samples.at(-1);
    if (newest === undefined || nowMs - newest.atMs >= windowMs / PARTS) {
      const failed = deadLettered + retried;
      this.samples.push({ atMs: nowMs, failed, attempts: delivered + failed });
    }
    // The last one before the window is what the window begins with.
    while (this.samples.length > 2 && nowMs - (this.samples[1] as Sample).atMs >= windowMs) this.samples.shift();
  }

  private judge(figures: GroupFigures, nowMs: number): GroupVerdict {
    const { stalledMs, slowMs } = this.options;
    const { breaker, blockedMs } = figures;
    if (blockedMs >= stalledMs)
      return { state: 'stalled', reason: `a handler has blocked its shard for ${Math.round(blockedMs)} ms` };
    const stillMs = nowMs - this.movedMs;
    if (this.staleLooks >= STALE_LOOKS && stillMs >= stalledMs && !figures.isRetrying())
      return { state: 'stalled', reason: `work waits and nothing has got on for ${Math.round(stillMs)} ms` };
    if (breaker === 'open') return { state: 'open', reason: 'its circuit breaker is open' };
    const failing = this.failing(figures);
    if (failing !== undefined) return { state: 'degraded', reason: failing };
    if (blockedMs >= slowMs)
      return { state: 'degraded', reason: `a handler has blocked its shard for ${Math.round(blockedMs)} ms` };
    const { threadsMissing = 0 } = figures;
    if (threadsMissing > 0) return { state: 'degraded', reason: `threads of its own that are being replaced: ${threadsMissing}` };
    return breaker === 'half-open' ? { state: 'degraded', reason: 'its circuit breaker probes' } : OK;
  }

  private failing({ delivered, deadLettered, retried }: GroupFigures): string | undefined {
    const { failuresMin, failureRate, windowMs } = this.options;
    const first = this.samples[0] as Sample;
    const failed = deadLettered + retried - first.failed;
    const attempts = delivered + deadLettered + retried - first.attempts;
    if (failed < failuresMin || failed < attempts * failureRate) return undefined;
    return `${failed} of ${attempts} attempts failed within ${windowMs} ms`;
  }

  /** Worse at once, better when it lasts. */
  private say(found: GroupVerdict, nowMs: number): GroupVerdict {
    const { said } = this;
    if (GROUP_STATES.indexOf(found.state) >= GROUP_STATES.indexOf(said.state)) {
      this.betterSinceMs = undefined;
      this.said = found;
      return found;
    }
    this.betterSinceMs ??= nowMs;
    if (nowMs - this.betterSinceMs < this.options.recoverMs) return said;
    this.betterSinceMs = undefined;
    this.said = found;
    return found;
  }
}
