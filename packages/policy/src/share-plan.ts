/**
 * Decides how the credit of one consumer is shared among accounts, one for each (producer, group).
 * Pure: the caller reads what is outstanding and who was refused. Thread: any; one instance per consumer.
 *
 * 1. While nobody is refused and no group stands, everyone has his default share.
 * 2. Else max-min fair by demand: a refused account demands everything, the others what they had outstanding lately.
 * 3. The accounts of a group that stands get their floor and no more: more outstanding would only wait longer.
 * 4. Shares that differ little from those in force are not worth telling anyone.
 * Invariant: the shares add up to the pool at most, except for one unit per account; every account has at least its floor.
 */
import { maxMinShares } from './max-min-shares.ts';

/** Part of its default share that an account keeps whatever the others demand. */
export const FLOOR_PART = 1 / 4;

/** Looks without a refusal after which the defaults are in force again. */
const CALM_LOOKS = 20;
/** What remains of a demand from one look to the next. */
const DEMAND_KEPT = 7 / 8;
/** A share that changes by less than this part stays. */
const CHANGE_MIN = 1 / 8;

/** What one look found of an account. */
export interface AccountReading {
  /** Units outstanding, from 0. */
  readonly outstanding: number;
  /** True when it was refused since the look before. */
  readonly refused: boolean;
  /** True when its group stands. */
  readonly standing: boolean;
}

/** Shares of the accounts of one consumer. */
export class SharePlan {
  private readonly poolUnits: number;
  private readonly defaults: readonly number[];
  private readonly floors: readonly number[];
  private readonly demands: number[];
  /** Shares in force; undefined while they are the defaults. */
  private current: readonly number[] | undefined;
  private calmLooks = 0;

  /**
   * @param poolUnits - units there are
   * @param defaults - share of each account while nobody is refused
   */
  constructor(poolUnits: number, defaults: readonly number[]) {
    this.poolUnits = poolUnits;
    this.defaults = defaults;
    this.floors = defaults.map((share) => Math.max(1, Math.floor(share * FLOOR_PART)));
    this.demands = defaults.map(() => 0);
  }

  /** The share in force of an account. */
  share(account: number): number {
    return (this.current ?? this.defaults)[account] as number;
  }

  /** What an account keeps whatever the others demand. */
  floor(account: number): number {
    return this.floors[account] as number;
  }

  /** True while the defaults are in force. */
  get isDefault(): boolean {
    return this.current === undefined;
  }

  /**
   * Takes one look at all accounts.
   *
   * @returns true when other shares are in force from now on
   */
  update(accounts: readonly AccountReading[]): boolean {
    let contended = false;
    for (const [account, { outstanding, refused, standing }] of accounts.entries()) {
      this.demands[account] = Math.max(outstanding, (this.demands[account] as number) * DEMAND_KEPT);
      contended ||= refused || standing;
    }
    if (!contended) return this.rest();
    this.calmLooks = 0;
    const shares = this.divide(accounts);
    const changed = shares.some((share, account) => Math.abs(share - this.share(account)) > this.share(account) * CHANGE_MIN);
    if (changed) this.current = shares;
    return changed;
  }

  private rest(): boolean {
    this.calmLooks++;
    if (this.current === undefined || this.calmLooks < CALM_LOOKS) return false;
    this.current = undefined;
    return true;
  }

  private divide(accounts: readonly AccountReading[]): number[] {
    const shares = [...this.floors];
    const moving = accounts.flatMap(({ standing }, account) => (standing ? [] : [account]));
    if (moving.length === 0) return shares;
    let left = this.poolUnits;
    for (const [account, { standing }] of accounts.entries()) if (standing) left -= this.floors[account] as number;
    const demands = moving.map((account) => (accounts[account]?.refused === true ? Infinity : (this.demands[account] as number)));
    const floors = moving.map((account) => this.floors[account] as number);
    const divided = maxMinShares(Math.max(0, left), demands, floors, []);
    for (const [index, account] of moving.entries()) shares[account] = divided[index] as number;
    return shares;
  }
}
