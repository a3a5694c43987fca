/**
 * Litmus tests: small programs whose outcomes are known, to show what the explorer sees and where its model ends.
 */
import { describe, expect, test } from 'vitest';
import { assertHolds, explore, replay } from '@ringmain/testkit';
import type { Scenario } from '@ringmain/testkit';
import { over } from './small-scenario.ts';
import type { Machine } from './small-scenario.ts';

/** Every set of results over all executions. */
function outcomesOf(scenario: Scenario<Machine>, mode: 'reduced' | 'every-order' = 'reduced'): string[] {
  const outcomes = new Set<string>();
  assertHolds(explore({ ...scenario, check: (final) => outcomes.add(JSON.stringify(Object.values(final.results))) }, { mode }));
  return [...outcomes].sort();
}

describe('explore() sees', () => {
  test('store buffering is impossible: atomics are sequentially consistent', () => {
    const scenario = over(['x', 'y'], {
      name: 'store buffering',
      threads: [
        { name: 'left', run: ({ memory: { atomics }, words }) => (atomics.store(words, 0, 1), atomics.load(words, 1)) },
        { name: 'right', run: ({ memory: { atomics }, words }) => (atomics.store(words, 1, 1), atomics.load(words, 0)) },
      ],
    });
    expect(outcomesOf(scenario)).toEqual(['[0,1]', '[1,0]', '[1,1]']);
  });

  test('independent reads of independent writes agree on one order', () => {
    const reader = (first: number, second: number) => (shared: Machine) =>
      [first, second].map((index) => shared.memory.atomics.load(shared.words, index)).join('');
    const scenario = over(['x', 'y'], {
      name: 'IRIW',
      threads: [
        { name: 'x', run: ({ memory: { atomics }, words }) => atomics.store(words, 0, 1) },
        { name: 'y', run: ({ memory: { atomics }, words }) => atomics.store(words, 1, 1) },
        { name: 'xy', run: reader(0, 1) },
        { name: 'yx', run: reader(1, 0) },
      ],
    });
    const outcomes = outcomesOf(scenario);
    expect(outcomes).toHaveLength(15);
    expect(outcomes).not.toContain('[1,1,"10","10"]');
  });

  test('all interleavings of a read-modify-write that is not one, and none with compareExchange', () => {
    const torn = ({ memory: { atomics }, words }: Machine) => atomics.store(words, 0, atomics.load(words, 0) + 1);
    const whole = ({ memory: { atomics }, words }: Machine): void => {
      for (let seen = atomics.load(words, 0); ; seen = atomics.load(words, 0))
        if (atomics.compareExchange(words, 0, seen, seen + 1) === seen) return;
    };
    const counter = (run: (shared: Machine) => unknown): Scenario<Machine> =>
      over(['count'], {
        name: 'counter',
        threads: ['a', 'b', 'c'].map((name) => ({ name, run })),
        check: ({ shared }) => {
          if (shared.words[0] !== 3) throw new Error(`count is ${shared.words[0]}`);
        },
      });
    expect(explore(counter(torn)).failure?.kind).toBe('check');
    expect(assertHolds(explore(counter(whole))).executions).toBeGreaterThan(5);
  });
});

describe('explore() reports races', () => {
  const passing = (published: (shared: Machine) => void, taken: (shared: Machine, spin: () => void) => void): Scenario<Machine> =>
    over(['data', 'flag'], {
      name: 'message passing',
      threads: [
        {
          name: 'sender',
          run: (shared) => {
            shared.words[0] = 42;
            published(shared);
          },
        },
        {
          name: 'receiver',
          run: (shared, thread) => {
            taken(shared, () => thread.spin(shared.words, 1, 0));
            return shared.words[0];
          },
        },
      ],
      check: ({ results }) => expect(results['receiver']).toBe(42),
    });

  test('not for plain data behind an atomic flag', () => {
    const scenario = passing(
      ({ memory, words }) => memory.atomics.store(words, 1, 1),
      (_, spin) => spin(),
    );
    assertHolds(explore(scenario));
  });

  test('for plain data behind nothing, with both places', () => {
    const failure = explore(
      passing(
        () => undefined,
        () => undefined,
      ),
    ).failure;
    expect(failure?.kind).toBe('race');
    expect(failure?.message).toMatch(/data.*litmus\.interleave\.test.*data|data.*litmus.*litmus/s);
  });

  test('for a flag that is written plainly', () => {
    const scenario = passing(
      ({ words }) => (words[1] = 1),
      (_, spin) => spin(),
    );
    expect(explore(scenario).failure?.kind).toBe('race');
  });

  test('for data written after the flag', () => {
    const scenario = over(['data', 'flag'], {
      name: 'late data',
      threads: [
        { name: 'sender', run: ({ memory, words }) => (memory.atomics.store(words, 1, 1), (words[0] = 42)) },
        { name: 'receiver', run: ({ words }, thread) => (thread.spin(words, 1, 0), words[0]) },
      ],
    });
    expect(explore(scenario).failure?.kind).toBe('race');
  });

  test('when a reader takes its order from another store than the one that published', () => {
    const scenario = over(['data', 'flag'], {
      name: 'overwritten flag',
      threads: [
        { name: 'sender', run: ({ memory, words }) => ((words[0] = 42), memory.atomics.store(words, 1, 1)) },
        { name: 'meddler', run: ({ memory, words }) => memory.atomics.store(words, 1, 2) },
        { name: 'receiver', run: ({ words }, thread) => (thread.spin(words, 1, 0) === 2 ? words[0] : 0) },
      ],
    });
    expect(explore(scenario).failure?.kind).toBe('race');
  });

  test('not between a notify and the wait it ends', () => {
    const scenario = over(['data', 'bell'], {
      name: 'order by notify',
      threads: [
        { name: 'sender', run: ({ memory, words }) => ((words[0] = 42), memory.atomics.notify(words, 1)) },
        { name: 'receiver', daemon: true, run: ({ memory, words }) => (memory.atomics.wait(words, 1, 0), words[0]) },
      ],
    });
    assertHolds(explore(scenario));
  });
});

/** A consumer that sleeps and a producer that wakes it; `early` loads the sleep flag before the commit. */
function sleepFlag(early: boolean, asynchronously = false): Scenario<Machine> {
  return over(['tail', 'bell'], {
    name: 'sleep flag',
    threads: [
      {
        name: 'producer',
        run: ({ memory: { atomics }, words }) => {
          const before = early ? atomics.load(words, 1) : 0;
          atomics.store(words, 0, 1);
          if ((early ? before : atomics.load(words, 1)) !== 1) return;
          if (atomics.exchange(words, 1, 0) === 1) atomics.notify(words, 1, 1);
        },
      },
      {
        name: 'consumer',
        run: ({ memory: { atomics }, words }, thread) => {
          while (atomics.load(words, 0) === 0) {
            atomics.store(words, 1, 1);
            if (atomics.load(words, 0) !== 0) break;
            if (asynchronously) thread.await(atomics.waitAsync(words, 1, 1));
            else atomics.wait(words, 1, 1);
          }
        },
      },
    ],
  });
}

describe('explore() finds lost wake-ups', () => {
  test.each([false, true])('none when the flag is loaded after the commit (waitAsync: %s)', (asynchronously) => {
    assertHolds(explore(sleepFlag(false, asynchronously)));
  });

  test.each([false, true])('when the flag is loaded before the commit (waitAsync: %s)', (asynchronously) => {
    const failure = explore(sleepFlag(true, asynchronously)).failure;
    expect(failure?.kind).toBe('lost-wake-up');
    expect(failure?.message).toContain('consumer is blocked on bell');
  });

  test('and a timeout does not hide them, unless the scenario allows it', () => {
    const timed: Scenario<Machine> = over(['bell'], {
      name: 'timed wait',
      threads: [{ name: 'sleeper', run: ({ memory, words }) => memory.atomics.wait(words, 0, 0, 10) }],
    });
    expect(explore(timed).failure?.kind).toBe('lost-wake-up');
    const outcomes = new Set<unknown>();
    const rung: Scenario<Machine> = {
      ...timed,
      timeouts: 1,
      threads: [
        ...timed.threads.map((spec) => ({ ...spec, daemon: true })),
        { name: 'ringer', run: ({ memory, words }) => memory.atomics.notify(words, 0) },
      ],
      check: ({ results, blocked }) => void outcomes.add(blocked.length > 0 ? 'blocked' : results['sleeper']),
    };
    assertHolds(explore(rung));
    expect(outcomes).toEqual(new Set(['blocked', 'ok', 'timed-out']));
  });

  test('replay() repeats a found execution from its schedule', () => {
    const { failure } = explore(sleepFlag(true));
    const again = replay(sleepFlag(true), failure?.schedule ?? '');
    expect(again.failure?.kind).toBe('lost-wake-up');
    expect(again.trace.map((step) => `${step.thread} ${step.operation} ${step.where}`)).toContain('producer store tail');
  });
});
