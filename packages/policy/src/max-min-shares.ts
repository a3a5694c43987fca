/**
 * Divides a total among accounts that want different amounts: whoever wants little gets it, the others get equal shares of the rest.
 * Pure, and allocates nothing. Thread: any.
 *
 * 1. Everyone gets its floor, at least 1, so that an account that slept can begin. When the floors exceed the total they shrink in proportion.
 * 2. Water rises in all accounts at the same level: an account takes part from its floor up to its demand. Water-filling by bisection on the level, as
 *    levels are integers; what is left below one more level goes to the first accounts that still want some.
 * 3. What nobody demands is spread equally over all.
 * Invariant: the shares add up to `total`, or to the number of accounts if that is more.
 * Source: Bertsekas and Gallager, "Data networks" (1992), section 6.5.2, max-min fair flow control; differs in: integers and floors.
 */

/**
 * Computes max-min fair shares.
 *
 * @remarks Takes time in proportion to the number of accounts times the logarithm of the total. The same input gives the same shares; where integers do
 * not divide, accounts that come first get 1 more.
 * @param total - what there is, an integer from 0
 * @param demands - what each account would use, from 0; `Infinity` is allowed, fractions are rounded up
 * @param floors - what each account gets whatever the others demand, integers from 0; 0 counts as 1
 * @param out - filled with the shares and cut to the number of accounts; neither of the other lists
 * @returns `out`
 */
export function maxMinShares(total: number, demands: readonly number[], floors: readonly number[], out: number[]): number[] {
  const accounts = demands.length;
  out.length = accounts;
  let floorsTotal = 0;
  for (let account = 0; account < accounts; account++) floorsTotal += floorOf(floors, account);
  if (floorsTotal >= total) return shrinkFloors(total, floors, floorsTotal, out);

  const level = levelOf(total, demands, floors);
  let left = total;
  for (let account = 0; account < accounts; account++) {
    out[account] = shareAt(level, demands, floors, account);
    left -= out[account] as number;
  }
  // Less is left than one more level takes, unless every demand is met.
  for (let account = 0; account < accounts && left > 0; account++) {
    const more = shareAt(level + 1, demands, floors, account) - (out[account] as number);
    out[account] = (out[account] as number) + more;
    left -= more;
  }
  spread(left, out);
  return out;
}

/** The highest level at which the shares do not exceed the total; the total itself when every demand is met. */
function levelOf(total: number, demands: readonly number[], floors: readonly number[]): number {
  let low = 0;
  let high = total;
  while (low < high) {
    const level = Math.ceil((low + high) / 2);
    let needed = 0;
    for (let account = 0; account < demands.length; account++) needed += shareAt(level, demands, floors, account);
    if (needed <= total) low = level;
    else high = level - 1;
  }
  return low;
}

function shareAt(level: number, demands: readonly number[], floors: readonly number[], account: number): number {
  return Math.max(floorOf(floors, account), Math.min(level, Math.ceil(demands[account] as number)));
}

function floorOf(floors: readonly number[], account: number): number {
  return Math.max(1, floors[account] as number);
}

/** Gives everyone 1 and divides the rest in proportion to what the floors are above 1. */
function shrinkFloors(total: number, floors: readonly number[], floorsTotal: number, out: number[]): number[] {
  const accounts = out.length;
  const divisible = Math.max(0, total - accounts);
  // Is 0 only when nothing is divisible either.
  const above = Math.max(1, floorsTotal - accounts);
  let left = divisible;
  for (let account = 0; account < accounts; account++) {
    const extra = Math.floor((divisible * (floorOf(floors, account) - 1)) / above);
    out[account] = 1 + extra;
    left -= extra;
  }
  // What rounding left is less than 1 for each account below its floor.
  for (let account = 0; account < accounts && left > 0; account++) {
    if ((out[account] as number) >= floorOf(floors, account)) continue;
    out[account] = (out[account] as number) + 1;
    left--;
  }
  return out;
}

function spread(left: number, out: number[]): void {
  const each = Math.floor(left / out.length);
  const first = left - each * out.length;
  for (let account = 0; account < out.length; account++) {
    out[account] = (out[account] as number) + each + (account < first ? 1 : 0);
  }
}
