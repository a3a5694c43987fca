/**
 * What refuses an event before its lane is tried: the degradation ladder and the publisher's rate limit.
 * Thread: the publisher's. The rung is read with the clock, every few dozen publishes, so that a publish costs nothing while all is well.
 */
import type { PriorityLevel } from '@ringmain/core';
import { PRIORITY_COUNT } from '@ringmain/core';
import type { Rung, TokenBucketOptions } from '@ringmain/policy';
import { RateTurns, TokenBucket, admits } from '@ringmain/policy';
import { ThreadWord } from '@ringmain/ring';
import type { RuntimeConfig } from '../../config/config-schema.ts';
import type { EventType } from '../../events/event-type.ts';
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';
import { RateQueue } from './rate-queue.ts';
import { RungSamples } from './rung-samples.ts';
import type { StagedEvent } from './stage.ts';

/** Why an event is not let through. `sample`: it is left out by sampling. */
export type Barrier = 'rate' | 'throttle' | 'shed' | 'sample';

/**
 * What the rung `coalesce` does with events: keeps one of several of their type, has newer ones take their place, or only slows them down, because they
 * belong to a batch or somebody waits for them.
 */
export type Thinning = EventType | 'coalesce' | 'slow';

const US_PER_MS = 1000;
/** A bit for each priority. */
export const EVERY_PRIORITY = (1 << PRIORITY_COUNT) - 1;
/** Time after which it is worth looking at the ladder again. */
const LADDER_MS = 100;

/** Admission of one publisher. */
export class Admission {
  /** Priorities of which something may refuse an event, as a bit mask. */
  barred: number;
  /** After a barrier: milliseconds until it is worth trying again. */
  retryAfterMs = 1;
  /** After no barrier: for how many events of its type the event stands. */
  standsFor = 1;
  /** Staged events that wait for the rate limit. */
  readonly queue = new RateQueue<StagedEvent>();

  private readonly context: ThreadContext;
  private readonly rungIndex: number;
  private rate: TokenBucket | undefined;
  private turns: RateTurns | undefined;
  private readonly throttle: TokenBucket;
  private rung: Rung = 0;
  private readonly samples: RungSamples;

  constructor(context: ThreadContext) {
    const { config, plan } = context.seed;
    this.context = context;
    this.rungIndex = ((plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.rung;
    const rate = rateOptions(config);
    this.limit(rate === undefined ? undefined : new TokenBucket(rate));
    this.throttle = new TokenBucket(throttleOptions(config));
    this.samples = new RungSamples(() => context.seed.config.admission.sampleOneOf);
    this.barred = this.rate === undefined ? 0 : EVERY_PRIORITY;
    context.live.watch(['publishRate', 'admission'], (changed) => this.configure(changed));
  }

  /** Events that may ever be published at once; more would wait for ever. */
  get burst(): number {
    return this.context.seed.config.publishRate.perSecond === undefined ? Infinity : this.context.seed.config.publishRate.burst;
  }

  /** True where an event beyond the rate limit waits in the stage. */
  get queues(): boolean {
    return this.rate !== undefined && this.context.seed.config.publishRate.onLimit === 'queue';
  }

  /** True while tokens are kept for somebody who comes again; what is queued now would only stand in the way. */
  get isKeeping(): boolean {
    return this.turns?.isKeeping(runtimeUs(this.context)) === true;
  }

  /**
   * Pays staged events that wait for the rate limit.
   *
   * @param paid - gets those that were paid
   * @returns microseconds until the next may be paid; `undefined` when none waits
   */
  payQueue(paid: StagedEvent[]): number | undefined {
    const nowUs = runtimeUs(this.context);
    return this.queue.pay((priority) => this.turns?.next(priority, nowUs) ?? 0, paid);
  }

  /** Takes over the rung that the coordinator wrote. */
  look(): void {
    this.rung = this.context.atomics.load(this.context.control, this.rungIndex) as Rung;
    this.barred = this.rate === undefined ? barredBy(this.rung) : EVERY_PRIORITY;
  }

  /** True while the ladder thins events of a priority out. */
  thins(priority: PriorityLevel): boolean {
    this.look();
    return admits(this.rung, priority) === 'sample';
  }

  /**
   * Asks for events of one priority.
   *
   * @param thinning - what becomes of them where the ladder thins them out
   * @param mayQueue - whether they wait in the stage where the rate limit stops them; else they take turns with what waits there
   * @returns undefined when they may go
   */
  barrier(priority: PriorityLevel, count: number, thinning: Thinning, mayQueue = false): Barrier | undefined {
    this.look();
    const nowUs = runtimeUs(this.context);
    const admission = admits(this.rung, priority);
    this.retryAfterMs = LADDER_MS;
    this.standsFor = 1;
    if (admission === 'shed') return 'shed';
    if (admission === 'sample' && typeof thinning !== 'string') {
      this.standsFor = this.samples.standsFor(thinning);
      if (this.standsFor === 0) return 'sample';
    }
    const isSlowed = admission === 'throttle' || (admission === 'sample' && thinning === 'slow');
    if (isSlowed && !this.throttle.take(count, nowUs)) return this.until('throttle', this.throttle, count, nowUs);
    if (this.rate === undefined || this.isWithinRate(priority, count, mayQueue, nowUs)) return undefined;
    return this.until('rate', this.rate, count, nowUs);
  }

  /** An event that stands for several was published. */
  kept(type: EventType): void {
    this.samples.kept(type);
  }

  private isWithinRate(priority: PriorityLevel, count: number, mayQueue: boolean, nowUs: number): boolean {
    const { queue, turns } = this;
    if (turns === undefined) return true;
    const isBehind = queue.isBefore(priority);
    // Whoever can queue stands behind the queue, or is its head; whoever comes again takes turns with it.
    if (mayQueue) return !isBehind && turns.next(priority, nowUs) === 0;
    return turns.ask({ count, priority, isBehind, isBeside: this.queues }, nowUs);
  }

  private limit(rate: TokenBucket | undefined): void {
    this.rate = rate;
    this.turns = rate === undefined ? undefined : new RateTurns(rate);
  }

  private configure(config: RuntimeConfig): void {
    const nowUs = runtimeUs(this.context);
    this.throttle.configure(throttleOptions(config), nowUs);
    const rate = rateOptions(config);
    if (rate === undefined) this.limit(undefined);
    else if (this.rate === undefined) this.limit(new TokenBucket(rate));
    else this.rate.configure(rate, nowUs);
    this.look();
  }

  private until(barrier: Barrier, bucket: TokenBucket, count: number, nowUs: number): Barrier {
    const waitMs = Math.ceil(bucket.waitUs(count, nowUs) / US_PER_MS);
    // More at once than the bucket holds goes when the ladder has come down, and not by waiting for tokens.
    this.retryAfterMs = waitMs === Infinity ? LADDER_MS : Math.min(60_000, Math.max(1, waitMs));
    return barrier;
  }
}

/** Priorities that a rung does not simply admit. */
function barredBy(rung: Rung): number {
  let barred = 0;
  if (rung === 0) return barred;
  for (let priority = 0; priority < PRIORITY_COUNT; priority++)
    if (admits(rung, priority as PriorityLevel) !== 'admit') barred |= 1 << priority;
  return barred;
}

function rateOptions({ publishRate: { perSecond, burst } }: RuntimeConfig): TokenBucketOptions | undefined {
  return perSecond === undefined ? undefined : { ratePerSecond: perSecond, burst };
}

function throttleOptions({ admission: { throttlePerSecond } }: RuntimeConfig): TokenBucketOptions {
  return { ratePerSecond: throttlePerSecond, burst: throttlePerSecond };
}
