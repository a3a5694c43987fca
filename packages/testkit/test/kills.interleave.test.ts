/**
 * What a kill leaves behind: locks that nobody opens, half-written protocols, waiters that are gone; and where kills are tried.
 */
import { describe, expect, test } from 'vitest';
import { assertHolds, explore, replay } from '@ringmain/testkit';
import type { FinalState, KillPlan, Scenario, ThreadBody } from '@ringmain/testkit';
import { over } from './small-scenario.ts';
import type { Machine } from './small-scenario.ts';

const locked: ThreadBody<Machine> = ({ memory: { atomics }, words }, thread) => {
  while (atomics.compareExchange(words, 0, 0, 1) !== 0) thread.spin(words, 0, 1);
  words[1] = (words[1] as number) + 1;
  atomics.store(words, 0, 0);
};

/** Two threads that count under a lock. */
function lock(kills?: KillPlan): Scenario<Machine> {
  return over(['lock', 'count'], {
    name: 'lock',
    threads: [
      { name: 'mortal', run: locked },
      { name: 'neighbour', run: locked },
    ],
    ...(kills === undefined ? {} : { kills }),
  });
}

/** Every distinct value of `pick` over the ends of all executions. */
function endsOf<Shared, Value>(scenario: Scenario<Shared>, pick: (final: FinalState<Shared>) => Value): Value[] {
  const seen = new Map<string, Value>();
  const check = (final: FinalState<Shared>): void => {
    const value = pick(final);
    seen.set(JSON.stringify(value), value);
  };
  assertHolds(explore({ ...scenario, check }));
  return [...seen.keys()].sort().map((key) => seen.get(key) as Value);
}

describe('explore() with a kill while a lock is held', () => {
  const once: KillPlan = { max: 1, victims: ['mortal'] };

  test('reports the deadlock of its neighbour, with the death in the trace', () => {
    assertHolds(explore(lock()));
    const { failure } = explore(lock(once));
    expect(failure?.kind).toBe('deadlock');
    expect(failure?.message).toBe('neighbour is blocked on lock');
    expect(failure?.trace.map((step) => `${step.thread} ${step.operation}`)).toContain('mortal killed');
  });

  test('repeats it from its schedule', () => {
    const { failure } = explore(lock(once));
    expect(replay(lock(once), failure?.schedule ?? '').failure).toMatchObject({ kind: 'deadlock', message: failure?.message });
  });

  test('finds none where the successor knows what its predecessor held', () => {
    const owning =
      (owner: number): ThreadBody<Machine> =>
      ({ memory: { atomics }, words }, thread) => {
        const inherited = thread.generation > 0 && atomics.load(words, 0) === owner;
        let held = inherited ? 0 : atomics.compareExchange(words, 0, 0, owner);
        for (; held !== 0; held = atomics.compareExchange(words, 0, 0, owner)) thread.spin(words, 0, held);
        words[1] = (words[1] as number) + 1;
        atomics.store(words, 0, 0);
      };
    const recoverable = over(['lock', 'count'], {
      name: 'lock that names its owner',
      threads: [
        { name: 'mortal', run: owning(1), successor: owning(1) },
        { name: 'neighbour', run: owning(2) },
      ],
      kills: { max: 2, victims: ['mortal'] },
    });
    // Each death may repeat the count, and may come before it.
    const counts = endsOf(recoverable, ({ shared }) => shared.words[0] === 0 && shared.words[1]);
    expect(counts).toEqual([2, 3, 4]);
  });
});

describe('explore() with a kill in the middle of a publication', () => {
  const publication = over(['data', 'checksum', 'committed'], {
    name: 'publication',
    threads: [
      {
        name: 'publisher',
        run: ({ memory, words }) => {
          words[0] = 42;
          words[1] = 42 * 3;
          memory.atomics.store(words, 2, 1);
        },
        successor: ({ memory, words }) => [words[0], words[1], memory.atomics.load(words, 2)].join(),
      },
      {
        name: 'reader',
        daemon: true,
        run: ({ words }, thread) => (thread.spin(words, 2, 0), [words[0], words[1]].join()),
      },
    ],
    kills: { max: 1, victims: ['publisher'] },
  });

  test('leaves its plain stores to the successor, each with the protocol unfinished', () => {
    const left = endsOf(publication, ({ results, deaths }) => (deaths['publisher'] === 0 ? 'alive' : results['publisher']));
    expect(left).toEqual(['0,0,0', '42,0,0', '42,126,0', '42,126,1', 'alive']);
  });

  test('shows others only what was committed', () => {
    const taken = endsOf(publication, ({ results, blocked }) => (blocked.includes('reader') ? 'blocked' : results['reader']));
    expect(taken).toEqual(['42,126', 'blocked']);
  });

  test('is a race where the successor hands half of it on without order', () => {
    const [publisher] = publication.threads;
    const hasty: Scenario<Machine> = {
      ...publication,
      threads: [
        { name: 'publisher', run: publisher?.run ?? (() => undefined) },
        { name: 'reader', run: ({ words }) => words[0] },
      ],
    };
    expect(explore(hasty).failure?.kind).toBe('race');
  });

  test('is the last generation when the plan allows no second death', () => {
    const generations = endsOf(publication, ({ deaths }) => deaths['publisher']);
    expect(generations).toEqual([0, 1]);
    const twice: Scenario<Machine> = { ...publication, kills: { max: 2, victims: ['publisher'] } };
    expect(endsOf(twice, ({ deaths }) => deaths['publisher'])).toEqual([0, 1, 2]);
  });
});

describe('explore() with a kill of a waiter', () => {
  test('takes it out of the queue, so that a notify wakes the next one', () => {
    const sleepers = over(['bell'], {
      name: 'two sleepers',
      threads: [
        { name: 'mortal', daemon: true, run: ({ memory, words }) => memory.atomics.wait(words, 0, 0) },
        { name: 'patient', daemon: true, run: ({ memory, words }) => memory.atomics.wait(words, 0, 0) },
        { name: 'ringer', run: ({ memory, words }) => memory.atomics.notify(words, 0, 1) },
      ],
      kills: { max: 1, victims: ['mortal'] },
    });
    const ends = endsOf(
      sleepers,
      ({ results, deaths }) => `${deaths['mortal']} deaths, rang ${String(results['ringer'])}, ${String(results['patient'])}`,
    );
    expect(ends).toContain('1 deaths, rang 1, ok');
    expect(ends).toContain('1 deaths, rang 0, undefined');
  });
});

describe('explore() tries kills', () => {
  const readsTwice = (at: KillPlan['at']): Scenario<Machine> =>
    over(['x', 'y'], {
      name: 'where kills are tried',
      threads: [{ name: 'mortal', run: ({ words }) => [words[0], words[1], (words[0] = 1), words[1]] }],
      kills: { max: 1, victims: ['mortal'], ...(at === undefined ? {} : { at }) },
    });

  test('where something changed since the last try, unless told otherwise', () => {
    // At the start and after the write, against before each of four accesses and at the end.
    expect(assertHolds(explore(readsTwice(undefined))).killPoints).toBe(2);
    expect(assertHolds(explore(readsTwice('effects'))).killPoints).toBe(2);
    expect(assertHolds(explore(readsTwice('every-access'))).killPoints).toBe(5);
  });

  test('of threads that exist', () => {
    expect(() => explore({ ...readsTwice('effects'), kills: { max: 1, victims: ['nobody'] } })).toThrow(
      'victim "nobody" is no thread',
    );
  });
});
