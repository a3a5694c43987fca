/** Windows of several producers over one pool: promises never exceed it, shares move, and nobody is starved of his one unit. */
import fc from 'fast-check';
import { CREDIT_BYTES, CreditAccount, CreditWindow, CreditWord, creditUnits, systemAtomics } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';

const LINK = CREDIT_BYTES / 4;
const GROUPS = 2;
const [CRITICAL, HIGH, NORMAL, LOW] = [0, 1, 2, 3] as const;

function open(producers: number, poolUnits: number, shareDefault: number) {
  const control = new Int32Array(producers * LINK);
  const pool = { free: poolUnits };
  const links = Array.from({ length: producers }, (_, producer) => {
    const base = producer * LINK;
    const window = new CreditWindow({ atomics: systemAtomics, control, base, groups: GROUPS, shareDefault, pool });
    const accounts = Array.from({ length: GROUPS }, (__, group) => new CreditAccount(systemAtomics, control, base, group));
    return { base, window, accounts };
  });
  return { control, links, pool };
}

const promised = (control: Int32Array, base: number, group: number): number =>
  ((control[base + CreditWord.limit + group] ?? 0) - (control[base + CreditWord.returned + group] ?? 0)) | 0;

/** Units that a producer may use in a priority, one after the other. */
function usable(account: CreditAccount, priority: number): number {
  let used = 0;
  for (; account.hasRoom(priority); used++) account.charge(1);
  return used;
}

describe('CreditAccount', () => {
  it('keeps the last part of a window for higher priorities', () => {
    const { links } = open(1, 160, 160);
    links[0]?.window.grant();
    const account = links[0]?.accounts[0] as CreditAccount;
    expect([LOW, NORMAL, HIGH, CRITICAL].map((priority) => usable(account, priority))).toEqual([120, 20, 10, 10]);
  });

  it('keeps it from the first event on, also when the window was granted before', () => {
    const { control, links } = open(1, 160, 160);
    links[0]?.window.grant();
    const account = new CreditAccount(systemAtomics, control, 0, 0);
    expect([LOW, NORMAL, HIGH, CRITICAL].map((priority) => usable(account, priority))).toEqual([120, 20, 10, 10]);
  });

  it('keeps nothing of a window of one unit', () => {
    const { links } = open(1, 1, 1);
    links[0]?.window.grant();
    expect(usable(links[0]?.accounts[0] as CreditAccount, LOW)).toBe(1);
  });
});

describe('CreditWindow', () => {
  it('promises at most the pool and one unit per account, whatever is published, returned and decided', () => {
    const step = fc.record({
      link: fc.nat(2),
      group: fc.nat(1),
      units: fc.integer({ min: 1, max: 9 }),
      share: fc.integer({ min: 1, max: 40 }),
      priority: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 60 }), (poolUnits, steps) => {
        const { control, links } = open(3, poolUnits, 5);
        for (const { link, group, units, share, priority } of steps) {
          const one = links[link];
          if (one === undefined) continue;
          for (const { window } of links) window.grant();
          const account = one.accounts[group];
          if (account?.hasRoom(priority) === true) account.charge(units);
          else {
            const word = one.base + CreditWord.returned + group;
            control[word] = control[one.base + CreditWord.published + group] ?? 0;
          }
          control[one.base + CreditWord.share + group] = share;
          one.window.readShares();
          const sum = links.flatMap(({ base }) => [0, 1].map((of) => promised(control, base, of))).reduce((a, b) => a + b, 0);
          expect(sum).toBeLessThanOrEqual(poolUnits + links.length * GROUPS);
        }
        // Once everything is back, everybody may publish, and whoever was refused finds it worth while.
        const refused = links.flatMap(({ accounts }) => accounts.filter((account) => !account.hasRoom(LOW)));
        for (const { base } of links)
          for (let group = 0; group < GROUPS; group++)
            control[base + CreditWord.returned + group] = control[base + CreditWord.published + group] ?? 0;
        for (let round = 0; round < 2; round++) for (const { window } of links) window.grant();
        for (const { accounts } of links) for (const account of accounts) expect(account.look()).toBeGreaterThan(0);
        for (const account of refused) {
          expect(account.hasRoomAgain()).toBe(true);
          expect(account.hasRoom(LOW)).toBe(true);
        }
      }),
    );
  });

  it('goes on after a death with what the words say', () => {
    const { control, links } = open(1, 10, 4);
    links[0]?.window.grant();
    links[0]?.accounts[0]?.charge(3);
    control[CreditWord.returned] = 2;
    const successor = new CreditWindow({
      atomics: systemAtomics,
      control,
      base: 0,
      groups: GROUPS,
      shareDefault: 4,
      pool: { free: 10 },
    });
    successor.grant();
    expect(control[CreditWord.limit]).toBe(6);
    expect(links[0]?.accounts[0]?.look()).toBe(3);
  });
});

describe('creditUnits()', () => {
  it('counts chunks of 64 bytes', () => {
    expect([1, 64, 65, 128, 129].map(creditUnits)).toEqual([1, 1, 2, 2, 3]);
  });

  it('rings a producer whenever half of a window is what it has, whatever the share, the pool, other groups and deaths of the consumer did meanwhile', () => {
    const step = fc.record({
      units: fc.integer({ min: 1, max: 9 }),
      share: fc.integer({ min: 1, max: 40 }),
      rests: fc.boolean(),
      dies: fc.boolean(),
      group: fc.integer({ min: 0, max: 1 }),
      priority: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.array(step, { minLength: 1, maxLength: 80 }), (poolUnits, steps) => {
        const { control, links, pool } = open(1, poolUnits, 30);
        const [{ base, window: first, accounts }] = links as [(typeof links)[number]];
        let window = first;
        const waiting = new Set<CreditAccount>();
        const look = (): void => {
          for (const account of waiting) if (account.hasRoomAgain()) waiting.delete(account);
        };
        const grant = (): void => {
          // As the consumer does: it asks only while the producer waits.
          if (!window.grant() || waiting.size === 0) return;
          if (window.crossed()) look();
          // Asleep and not rung, the producer has no reason to be awake.
          for (const account of waiting) expect(account.hasRoomAgain()).toBe(false);
        };
        const giveBack = (group: number, units: number): void => {
          const word = base + CreditWord.returned + group;
          const left = ((control[base + CreditWord.published + group] as number) - (control[word] as number)) | 0;
          control[word] = ((control[word] as number) + Math.min(left, units)) | 0;
        };
        grant();
        for (const { units, share, rests, dies, group, priority } of steps) {
          if (dies) {
            window = new CreditWindow({ atomics: systemAtomics, control, base, groups: GROUPS, shareDefault: 30, pool });
            // The successor grants what it can, and wakes everybody before anything is returned.
            window.grant();
            look();
          }
          control[base + CreditWord.share + group] = share;
          window.readShares();
          // Others take from the pool and give back.
          pool.free += rests ? units : -units;
          const account = accounts[group] as CreditAccount;
          if (!waiting.has(account)) {
            if (account.hasRoom(priority)) account.charge(units);
            else if (!account.hasRoomAgain()) waiting.add(account);
          }
          giveBack(rests ? group : 1 - group, rests ? 1 : units);
          grant();
        }
      }),
    );
  });
});
