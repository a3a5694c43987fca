/** Shares against water that is poured one unit at a time, and the properties that make them max-min fair. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxMinShares } from '@ringmain/policy';

const demand = fc.oneof(
  fc.nat(10),
  fc.nat(300),
  fc.nat(500).map((tenths) => tenths / 10),
  fc.constant(Infinity),
);
const accounts = fc.array(fc.tuple(demand, fc.oneof(fc.nat(3), fc.nat(60))), { minLength: 1, maxLength: 12 });
const total = fc.oneof(fc.nat(20), fc.nat(800));

function shares(amount: number, list: readonly (readonly [number, number])[]): number[] {
  const out: number[] = [];
  const demands = list.map(([wanted]) => wanted);
  const floors = list.map(([, floor]) => floor);
  expect(maxMinShares(amount, demands, floors, out)).toBe(out);
  return out;
}

const sum = (list: readonly number[]): number => list.reduce((all, each) => all + each, 0);
const floorsOf = (list: readonly (readonly [number, number])[]): number[] => list.map(([, floor]) => Math.max(1, floor));

/** Pours unit by unit into the lowest account that still wants some, then in turns over all. */
function pour(amount: number, list: readonly (readonly [number, number])[]): number[] {
  const found = floorsOf(list);
  let left = amount - sum(found);
  for (; left > 0; left--) {
    let lowest = -1;
    for (const [account, share] of found.entries()) {
      if (share < (list[account]?.[0] ?? 0) && (lowest < 0 || share < (found[lowest] ?? 0))) lowest = account;
    }
    if (lowest < 0) break;
    found[lowest] = (found[lowest] ?? 0) + 1;
  }
  for (let account = 0; left > 0; left--, account = (account + 1) % found.length) found[account] = (found[account] ?? 0) + 1;
  return found;
}

describe('maxMinShares()', () => {
  it('divides like water that is poured unit by unit into the lowest account that wants some', () => {
    fc.assert(
      fc.property(total, accounts, (amount, list) => {
        fc.pre(sum(floorsOf(list)) <= amount);
        expect(shares(amount, list)).toEqual(pour(amount, list));
      }),
      { numRuns: 500 },
    );
  });

  it('gives away everything and nothing more, in integers from 1', () => {
    fc.assert(
      fc.property(total, accounts, (amount, list) => {
        const found = shares(amount, list);
        expect(sum(found)).toBe(Math.max(amount, list.length));
        for (const share of found) expect(Number.isInteger(share) && share >= 1).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('gives everyone its floor when the floors fit, and at most its floor in proportion when they do not', () => {
    fc.assert(
      fc.property(total, accounts, (amount, list) => {
        const found = shares(amount, list);
        const floors = floorsOf(list);
        const fit = sum(floors) <= amount;
        const divisible = Math.max(0, amount - list.length);
        for (const [account, floor] of floors.entries()) {
          const share = found[account] ?? 0;
          if (fit) expect(share).toBeGreaterThanOrEqual(floor);
          else {
            expect(share).toBeLessThanOrEqual(floor);
            expect(Math.abs(share - 1 - (divisible * (floor - 1)) / Math.max(1, sum(floors) - list.length))).toBeLessThanOrEqual(
              1,
            );
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('leaves nobody who wants more with less than another who has more than its floor, up to the 1 that does not divide', () => {
    fc.assert(
      fc.property(total, accounts, (amount, list) => {
        const found = shares(amount, list);
        const floors = floorsOf(list);
        for (const [account, share] of found.entries()) {
          if (share >= (list[account]?.[0] ?? 0)) continue;
          for (const [other, otherShare] of found.entries()) {
            if (otherShare > (floors[other] ?? 0)) expect(otherShare).toBeLessThanOrEqual(share + 1);
            // Nor does anyone have more than it has use for.
            if (sum(floors) <= amount) {
              expect(otherShare).toBeLessThanOrEqual(Math.max(floors[other] ?? 0, Math.ceil(list[other]?.[0] ?? 0)));
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same shares again, whatever the list to fill held before', () => {
    fc.assert(
      fc.property(total, accounts, fc.array(fc.nat(), { maxLength: 20 }), (amount, list, before) => {
        const demands = list.map(([wanted]) => wanted);
        const floors = list.map(([, floor]) => floor);
        expect(maxMinShares(amount, demands, floors, [...before])).toEqual(shares(amount, list));
      }),
    );
  });

  it('gives small demands in full and the rest equally', () => {
    expect(maxMinShares(100, [10, 30, 70, Infinity], [1, 1, 1, 1], [])).toEqual([10, 30, 30, 30]);
    expect(maxMinShares(100, [10, 20, 70, Infinity], [1, 1, 1, 1], [])).toEqual([10, 20, 35, 35]);
  });

  it('counts a floor into the share and lets it stand above the level', () => {
    expect(maxMinShares(100, [90, 90, 90], [50, 0, 10], [])).toEqual([50, 25, 25]);
  });

  it('spreads over all what nobody demands', () => {
    expect(maxMinShares(100, [0, 10, 20], [4, 4, 4], [])).toEqual([4 + 22, 10 + 22, 20 + 22]);
    expect(maxMinShares(11, [0, 0, 0], [1, 1, 1], [])).toEqual([4, 4, 3]);
  });

  it('shrinks floors that do not fit, and goes below the number of accounts for nobody', () => {
    expect(maxMinShares(50, [Infinity, 0, 0], [60, 30, 10], [])).toEqual([30, 15, 5]);
    expect(maxMinShares(2, [5, 5, 5, 5], [9, 9, 9, 9], [])).toEqual([1, 1, 1, 1]);
    expect(maxMinShares(7, [], [], [1, 2])).toEqual([]);
  });
});
