/**
 * The consuming side of credit: keeps the limits of one producer at what was returned plus its share, as far as the pool of the bay allows.
 * Thread: the consumer only; a successor goes on with the words of its predecessor.
 *
 * Invariant: over all windows of a consumer, the sum of `limit - returned` is at most the pool, except for one unit per account, so that everyone
 * can begin. A share that shrinks takes nothing back: the limit waits until enough was returned, and only then others get more.
 */
import type { AtomicsPort } from './atomics.ts';
import { CreditWord } from './credit-descriptor.ts';

/** Units of a bay that no producer was promised yet; one object for all windows of a consumer. */
export interface CreditPool {
  free: number;
}

/** Where the credit words of a link stand, and who shares in it. */
export interface CreditWindowOptions {
  readonly atomics: AtomicsPort;
  readonly control: Int32Array;
  /** Index of the link's first credit word. */
  readonly base: number;
  /** Number of groups that the consumer hosts. */
  readonly groups: number;
  /** Share of each group until the coordinator decides, at least 1. */
  readonly shareDefault: number;
  readonly pool: CreditPool;
}

/** Credit of one producer with all groups of one consumer. */
export class CreditWindow {
  /** Index of the word that counts what group 0 returned; those of the others follow. */
  readonly returned: number;
  /** True when the pool was too small at the last `grant`. */
  short = false;

  private readonly options: CreditWindowOptions;
  private readonly limits: Int32Array;
  private readonly windows: Int32Array;
  private readonly seen: Int32Array;
  private readonly shares: Int32Array;
  /** Units granted since the producer was rung. */
  private readonly gained: Int32Array;
  /** The largest window since the producer was rung. */
  private readonly widest: Int32Array;

  constructor(options: CreditWindowOptions) {
    const { atomics, control, base, groups, pool } = options;
    this.options = options;
    this.returned = base + CreditWord.returned;
    this.limits = new Int32Array(groups);
    this.windows = new Int32Array(groups);
    this.seen = new Int32Array(groups);
    this.shares = new Int32Array(groups);
    this.gained = new Int32Array(groups);
    this.widest = new Int32Array(groups);
    for (let group = 0; group < groups; group++) {
      // Plain reads and a load: the predecessor's exit comes before the start of its successor.
      this.seen[group] = control[this.returned + group] as number;
      this.limits[group] = atomics.load(control, base + CreditWord.limit + group);
      pool.free -= ((this.limits[group] as number) - (this.seen[group] as number)) | 0;
    }
    this.readShares();
  }

  /** Takes over what the coordinator decided. */
  readShares(): void {
    const { atomics, control, base, shareDefault } = this.options;
    for (let group = 0; group < this.shares.length; group++) {
      this.shares[group] = atomics.load(control, base + CreditWord.share + group) || shareDefault;
    }
  }

  /**
   * Grants what was returned since the last call, and what a larger share adds.
   *
   * @remarks A limit that stands while records are returned, because the share shrank or the pool is short, leaves a narrower window: its half may be what
   * the producer has already, so the producer is told of the window, and rung once that is half of what it was.
   * @returns true when a producer that waits for credit is worth a ring: a group has half of its credit again
   */
  grant(): boolean {
    const { atomics, control, base, pool } = this.options;
    const { limits, seen, shares, gained, widest, returned } = this;
    let ring = false;
    this.short = false;
    for (let group = 0; group < limits.length; group++) {
      const now = control[returned + group] as number;
      const limit = limits[group] as number;
      const ahead = (limit - now) | 0;
      const returnedNow = (now - (seen[group] as number)) | 0;
      const raise = this.raiseOf((shares[group] as number) - ahead, ahead, (pool.free += returnedNow));
      seen[group] = now;
      if (raise === 0 && returnedNow === 0) continue;
      pool.free -= raise;
      this.tellWindow(group, ahead + raise);
      if (raise !== 0) {
        limits[group] = (limit + raise) | 0;
        // Pairs with the load in `CreditAccount.look`: what was returned is free before the producer may use it.
        atomics.store(control, base + CreditWord.limit + group, limits[group] as number);
        gained[group] = (gained[group] as number) + raise;
        if ((gained[group] as number) * 2 >= ahead) ring = true;
      }
      if ((ahead + raise) * 2 <= (widest[group] as number)) ring = true;
      widest[group] = Math.max(widest[group] as number, ahead + raise);
    }
    return ring;
  }

  /** The producer was rung; counts anew what it gains. */
  rung(): void {
    this.gained.fill(0);
    this.widest.set(this.windows);
  }

  /** How far a limit rises that is `ahead` of what was returned and wants to be `wanted` further ahead. */
  private raiseOf(wanted: number, ahead: number, free: number): number {
    if (wanted <= 0) return 0;
    // Whoever has nothing at all, or less, gets one unit in any case, and with it one record.
    const least = Math.max(0, 1 - ahead);
    const raise = Math.min(wanted, Math.max(least, free));
    if (raise < wanted) this.short = true;
    return Math.max(0, raise);
  }

  private tellWindow(group: number, window: number): void {
    if (window === this.windows[group]) return;
    const { atomics, control, base } = this.options;
    this.windows[group] = window;
    atomics.store(control, base + CreditWord.window + group, window);
  }
}
