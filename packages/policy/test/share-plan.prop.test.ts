/** Shares of credit: within the pool, at least the floor, the defaults while nobody asks for more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountReading } from '@ringmain/policy';
import { FLOOR_PART, SharePlan } from '@ringmain/policy';

const reading = fc.record({ outstanding: fc.nat(2000), refused: fc.boolean(), standing: fc.boolean() });
const quiet: AccountReading = { outstanding: 0, refused: false, standing: false };

/** A pool, defaults that add up to at most the pool, and looks at as many accounts. */
const scripts = fc.integer({ min: 1, max: 8 }).chain((accounts) =>
  fc.record({
    pool: fc.integer({ min: accounts, max: 4000 }),
    parts: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: accounts, maxLength: accounts }),
    looks: fc.array(fc.array(reading, { minLength: accounts, maxLength: accounts }), { maxLength: 40 }),
  }),
);

function planOf({ pool, parts }: { readonly pool: number; readonly parts: readonly number[] }): {
  plan: SharePlan;
  defaults: number[];
} {
  const total = parts.reduce((sum, part) => sum + part, 0);
  const defaults = parts.map((part) => Math.max(1, Math.floor((pool * part) / total)));
  return { plan: new SharePlan(pool, defaults), defaults };
}

describe('SharePlan', () => {
  it('gives out at most the pool and one unit per account, and everyone at least his floor', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const { plan, defaults } = planOf(script);
        for (const look of script.looks) {
          plan.update(look);
          const shares = defaults.map((_, account) => plan.share(account));
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThanOrEqual(script.pool + defaults.length);
          for (const [account, share] of shares.entries()) {
            expect(share).toBeGreaterThanOrEqual(Math.max(1, Math.floor((defaults[account] as number) * FLOOR_PART)));
            expect(plan.floor(account)).toBeLessThanOrEqual(share);
          }
        }
      }),
    );
  });

  it('changes nothing while nobody is refused and nothing stands, and is back at the defaults some looks later', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const { plan, defaults } = planOf(script);
        const calm = script.looks.map((look) => look.map(({ outstanding }) => ({ ...quiet, outstanding })));
        for (const look of calm) expect(plan.update(look)).toBe(false);
        for (const look of script.looks) plan.update(look);
        for (let look = 0; look < 20; look++) plan.update(defaults.map(() => quiet));
        expect([plan.isDefault, defaults.map((_, account) => plan.share(account))]).toEqual([true, defaults]);
      }),
    );
  });

  it('takes from a group that stands what others are refused', () => {
    const plan = new SharePlan(800, [400, 400]);
    plan.update([
      { outstanding: 400, refused: true, standing: true },
      { outstanding: 400, refused: true, standing: false },
    ]);
    expect([plan.share(0), plan.share(1)]).toEqual([100, 700]);
  });

  it('does not follow small changes', () => {
    const plan = new SharePlan(800, [400, 400]);
    const look = (outstanding: number): boolean =>
      plan.update([
        { ...quiet, outstanding },
        { ...quiet, refused: true },
      ]);
    expect([look(200), plan.share(0)]).toEqual([true, 200]);
    expect([look(210), plan.share(0)]).toEqual([false, 200]);
    expect([look(300), plan.share(0)]).toEqual([true, 300]);
  });
});
