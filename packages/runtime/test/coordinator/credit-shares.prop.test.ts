/** What the coordinator takes for the credit in use, beside what a producer may in fact publish. */
import { CreditAccount, CreditWord, creditIndex, systemAtomics } from '@ringmain/ring';
import { PRIORITY_NAMES } from '@ringmain/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ControlWords } from '../../dist/coordinator/control-words.js';
import { CreditShares } from '../../dist/coordinator/credit-shares.js';
import { ControlMemory } from './control-memory.ts';

const MAIN = 0;
const SHARD = 1;
const LOW = PRIORITY_NAMES.indexOf('low');

it('CreditShares.used() is 1 if and only if the group has no credit left for events of the least priority', () => {
  const memory = new ControlMemory();
  const { context, clock } = memory;
  const base = creditIndex(context.seed.plan, MAIN, SHARD);
  const position = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const window = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100_000 }));
  fc.assert(
    fc.property(position, window, fc.integer({ min: 0, max: 1100 }), (returned, units, permille) => {
      const set = (word: number, value: number): void => void (context.control[base + word] = value | 0);
      set(CreditWord.returned, returned);
      set(CreditWord.window, units);
      set(CreditWord.limit, returned + units);
      set(CreditWord.published, returned);
      // A new one for each case, which knows nothing of the case before.
      const shares = new CreditShares(context, new ControlWords(context), SHARD, 1);
      const account = new CreditAccount(systemAtomics, context.control, base, 0);
      account.charge(Math.round((units * permille) / 1000));
      shares.observe(clock.monotonicUs(), false);
      expect(shares.used() >= 1).toBe(!account.hasRoom(LOW));
    }),
  );
});
