/**
 * Code under test that catches the signal which suspends it: harmless, reported, or the end of the process.
 */
import { describe, expect, test } from 'vitest';
import { assertHolds, explore } from '@ringmain/testkit';
import type { Scenario, ThreadBody } from '@ringmain/testkit';
import { over } from './small-scenario.ts';
import type { Machine } from './small-scenario.ts';

/** One thread of interest, and one that gives the explorer a reason to suspend it. */
function beside(run: ThreadBody<Machine>): Scenario<Machine> {
  return over(['flag', 'answer'], {
    name: 'catches the signal',
    threads: [
      { name: 'catcher', run },
      { name: 'other', run: ({ memory, words }) => memory.atomics.store(words, 0, 1) },
    ],
  });
}

describe('explore() of code that catches the suspension signal', () => {
  test('reports a thread that catches it once and returns', () => {
    const { failure } = explore(
      beside(({ memory: { atomics }, words }) => {
        try {
          return atomics.load(words, 0);
        } catch {
          return -1;
        }
      }),
    );
    expect(failure?.kind).toBe('swallowed');
    expect(failure?.message).toContain('catcher caught the signal that suspends it (1 time) and returned');
    expect(failure?.message).toContain('a catch around shared accesses must throw what it does not know');
  });

  test('reports how often a bounded loop caught it', () => {
    const { failure } = explore(
      beside(({ memory: { atomics }, words }) => {
        for (let attempt = 0; attempt < 50; attempt++) {
          try {
            if (atomics.compareExchange(words, 1, 7, 8) === 7) return;
          } catch {
            // Tries again, as careless code does.
          }
        }
      }),
    );
    expect(failure?.kind).toBe('swallowed');
    expect(failure?.message).toMatch(/caught the signal that suspends it \(\d+ times?\) and returned/);
  });

  test('throws it again at the next access, so that going on has no effect', () => {
    const outcomes = (careless: boolean): string[] => {
      const seen = new Set<string>();
      const scenario = beside(({ memory: { atomics }, words }) => {
        let first = 0;
        try {
          first = atomics.load(words, 0);
        } catch (error) {
          if (!careless) throw error;
          first = -1;
        }
        atomics.store(words, 1, first + 10);
        return first;
      });
      assertHolds(explore({ ...scenario, check: (final) => seen.add(final.fingerprint()) }));
      return [...seen].sort();
    };
    expect(outcomes(true)).toEqual(outcomes(false));
    expect(outcomes(true)).toHaveLength(2);
  });

  test('lets a finally block release what it holds', () => {
    const scenario = beside(({ memory: { atomics }, words }) => {
      try {
        return atomics.load(words, 0);
      } finally {
        atomics.store(words, 1, 1);
      }
    });
    assertHolds(explore({ ...scenario, check: ({ shared }) => expect(shared.words[1]).toBe(1) }));
  });
});
