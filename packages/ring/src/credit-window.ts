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
  /** Limits and windows as they stood before the last grant. */
  private readonly limitsBefore: Int32Array;
  private readonly windowsBefore: Int32Array;

  constructor(options: CreditWindowOptions) {
    const { atomics, control, base, groups, pool } = options;
    this.options = options;
    this.returned = base + CreditWord.returned;
    this.limits = new Int32Array(groups);
    this.windows = new Int32Array(groups);
    this.seen = new Int32Array(groups);
    this.shares = new Int32Array(groups);
    this.limitsBefore = new Int32Array(groups);
    this.windowsBefore = new Int32Array(groups);
    for (let group = 0; group < groups; group++) {
      // Plain reads and a load: the predecessor's exit comes before the start of its successor.
      this.seen[group] = control[this.returned + group] as number;
      this.limits[group] = atomics.load(control, base + CreditWord.limit + group);
      // What a producer that waits goes by. A window of its own would look as if half of it had been there before.
      this.windows[group] = atomics.load(control, base + CreditWord.window + group);
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
   * the producer has already, so that counts as a change as well.
   * @returns true when the limit or the window of a group changed: a producer that waits for credit may be worth a ring, see `crossed`
   */
  grant(): boolean {
    const { atomics, control, base, pool } = this.options;
    const { limits, windows, seen, shares, returned } = this;
    let changed = false;
    this.short = false;
    for (let group = 0; group < limits.length; group++) {
      const now = control[returned + group] as number;
      const limit = limits[group] as number;
      const ahead = (limit - now) | 0;
      const returnedNow = (now - (seen[group] as number)) | 0;
      const raise = this.raiseOf((shares[group] as number) - ahead, ahead, (pool.free += returnedNow));
      seen[group] = now;
      this.limitsBefore[group] = limit;
      this.windowsBefore[group] = windows[group] as number;
      if (raise === 0 && returnedNow === 0) continue;
      pool.free -= raise;
      this.tellWindow(group, ahead + raise);
      if (raise !== 0) {
        limits[group] = (limit + raise) | 0;
        // Pairs with the load in `CreditAccount.look`: what was returned is free before the producer may use it.
        atomics.store(control, base + CreditWord.limit + group, limits[group] as number);
      }
      changed = true;
    }
    return changed;
  }

  /**
   * Tells whether the last grant brought some group's credit past the half that a waiting producer waits for. Asked after every grant that changed
   * anything while the producer waits: a half that is passed unseen is not passed again. It is not enough to count what was granted since the last
   * ring: shares change meanwhile, and some of what is outstanding may never return.
   */
  crossed(): boolean {
    const { atomics, control, base } = this.options;
    const { limits, windows, limitsBefore, windowsBefore } = this;
    for (let group = 0; group < limits.length; group++) {
      const [limit, window] = [limits[group] as number, windows[group] as number];
      const [limitBefore, windowBefore] = [limitsBefore[group] as number, windowsBefore[group] as number];
      if (limit === limitBefore && window === windowBefore) continue;
      // Pairs with the store in `CreditAccount.hasRoomAgain`.
      const waitsAt = atomics.load(control, base + CreditWord.waitsAt + group);
      if (isHalf((limit - waitsAt) | 0, window) && !isHalf((limitBefore - waitsAt) | 0, windowBefore)) return true;
    }
    return false;
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

/** What `CreditAccount.hasRoomAgain` waits for. */
function isHalf(left: number, window: number): boolean {
  return left > 0 && left * 2 >= window;
}
