/**
 * What refuses an event before its lane is tried: the degradation ladder and the publisher's rate limit.
 * Thread: the publisher's. The rung is read with the clock, every few dozen publishes, so that a publish costs nothing while all is well.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { Rung, TokenBucketOptions } from '@ringmain/policy';
import { TokenBucket, admits } from '@ringmain/policy';
import { ThreadWord } from '@ringmain/ring';
import type { RuntimeConfig } from '../../config/config-schema.ts';
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';

/** Why an event is not let through. `sample`: it is left out by sampling. */
export type Barrier = 'rate' | 'throttle' | 'shed' | 'sample';

const US_PER_MS = 1000;
/** Time after which it is worth looking at the ladder again. */
const LADDER_MS = 100;

/** Admission of one publisher. */
export class Admission {
  /** True while something may refuse an event. */
  active: boolean;
  /** After a barrier: milliseconds until it is worth trying again. */
  retryAfterMs = 1;

  private readonly context: ThreadContext;
  private readonly rungIndex: number;
  private rate: TokenBucket | undefined;
  private readonly throttle: TokenBucket;
  private rung: Rung = 0;
  private unsampled = 0;

  constructor(context: ThreadContext) {
    const { config, plan } = context.seed;
    this.context = context;
    this.rungIndex = ((plan.threads[context.thread]?.words ?? 0) >> 2) + ThreadWord.rung;
    const rate = rateOptions(config);
    this.rate = rate === undefined ? undefined : new TokenBucket(rate);
    this.throttle = new TokenBucket(throttleOptions(config));
    this.active = this.rate !== undefined;
    context.live.watch(['publishRate', 'admission'], (changed) => this.configure(changed));
  }

  /** Events that may ever be published at once; more would wait for ever. */
  get burst(): number {
    return this.context.seed.config.publishRate.perSecond === undefined ? Infinity : this.context.seed.config.publishRate.burst;
  }

  /** Takes over the rung that the coordinator wrote. */
  look(): void {
    this.rung = this.context.atomics.load(this.context.control, this.rungIndex) as Rung;
    this.active = this.rate !== undefined || this.rung !== 0;
  }

  /**
   * Asks for events of one priority.
   *
   * @returns undefined when they may go
   */
  barrier(priority: PriorityLevel, count: number): Barrier | undefined {
    this.look();
    const nowUs = runtimeUs(this.context);
    const admission = admits(this.rung, priority);
    this.retryAfterMs = LADDER_MS;
    if (admission === 'shed') return 'shed';
    if (admission === 'sample') {
      this.unsampled++;
      if (this.unsampled < this.context.seed.config.admission.sampleOneOf) return 'sample';
      this.unsampled = 0;
    }
    if (admission === 'throttle' && !this.throttle.take(count, nowUs)) return this.until('throttle', this.throttle, count, nowUs);
    if (this.rate !== undefined && !this.rate.take(count, nowUs)) return this.until('rate', this.rate, count, nowUs);
    return undefined;
  }

  private configure(config: RuntimeConfig): void {
    const nowUs = runtimeUs(this.context);
    this.throttle.configure(throttleOptions(config), nowUs);
    const rate = rateOptions(config);
    if (rate === undefined) this.rate = undefined;
    else if (this.rate === undefined) this.rate = new TokenBucket(rate);
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

function rateOptions({ publishRate: { perSecond, burst } }: RuntimeConfig): TokenBucketOptions | undefined {
  return perSecond === undefined ? undefined : { ratePerSecond: perSecond, burst };
}

function throttleOptions({ admission: { throttlePerSecond } }: RuntimeConfig): TokenBucketOptions {
  return { ratePerSecond: throttlePerSecond, burst: throttlePerSecond };
}
