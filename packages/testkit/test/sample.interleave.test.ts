/**
 * Sampling by seed: finds what takes an unlikely order, and says how to see it again.
 */
import { describe, expect, test } from 'vitest';
import { assertHolds, explore, formatFailure, replay, sample } from '@ringmain/testkit';
import type { Scenario } from '@ringmain/testkit';
import { over } from './small-scenario.ts';
import type { Machine } from './small-scenario.ts';

/** Fails only if the second thread changes the word between two certain loads of the first, which makes many others. */
const rare: Scenario<Machine> = over(['x', 'busy'], {
  name: 'rare order',
  threads: [
    {
      name: 'looker',
      run: ({ memory: { atomics }, words }) => {
        for (let look = 0; look < 20; look++) atomics.load(words, 1);
        const first = atomics.load(words, 0);
        const second = atomics.load(words, 0);
        for (let look = 0; look < 20; look++) atomics.load(words, 1);
        return first === second;
      },
    },
    {
      name: 'changer',
      run: ({ memory: { atomics }, words }) => {
        for (let write = 0; write < 4; write++) atomics.store(words, 1, write);
        atomics.store(words, 0, 1);
      },
    },
  ],
  check: ({ results }) => {
    if (results['looker'] === false) throw new Error('looked while it changed');
  },
});

const settings = { seed: 7, runs: 5_000 };

describe('sample()', () => {
  const { failure, stats } = sample(rare, settings);

  test('finds an order that few runs take, and stops there', () => {
    expect(failure?.kind).toBe('check');
    expect(failure?.message).toBe('looked while it changed');
    expect(stats.executions).toBeGreaterThan(1);
    expect(stats.executions).toBeLessThan(settings.runs);
  });

  test('prints the seed and the schedule of the run that failed', () => {
    expect(failure?.seed).toBe(settings.seed + stats.executions - 1);
    const text = failure === undefined ? '' : formatFailure(rare.name, failure);
    expect(text).toContain(`\nseed: ${failure?.seed}`);
    expect(text).toContain(`\nreplay with schedule: ${failure?.schedule}`);
    expect(() => assertHolds({ scenario: rare.name, failure, stats })).toThrow(`seed: ${failure?.seed}`);
  });

  test('finds it at once from the printed seed', () => {
    const again = sample(rare, { seed: failure?.seed ?? 0, runs: 1 });
    expect(again.failure).toEqual(failure);
  });

  test('replays with replay() from the printed schedule', () => {
    const again = replay(rare, failure?.schedule ?? '');
    expect(again.failure).toMatchObject({ kind: 'check', message: 'looked while it changed' });
    expect(again.trace.map((step) => `${step.thread} ${step.operation} ${step.where} ${step.value}`)).toEqual(
      failure?.trace.map((step) => `${step.thread} ${step.operation} ${step.where} ${step.value}`),
    );
  });

  test('gives the same for the same seed', () => {
    expect(sample(rare, settings)).toEqual({ scenario: rare.name, failure, stats });
  });

  test('draws kills and choices too', () => {
    const mortal: Scenario<Machine> = over(['x'], {
      name: 'dies at the worst point',
      threads: [
        {
          name: 'mortal',
          run: ({ words }, thread) => {
            const chosen = thread.choose(3);
            words[0] = chosen;
            words[0] = 3;
          },
          successor: ({ words }) => words[0],
        },
      ],
      kills: { max: 1, victims: ['mortal'] },
      check: ({ results }) => expect(results['mortal']).not.toBe(2),
    });
    const found = sample(mortal, { seed: 1, runs: 500 }).failure;
    expect(found?.kind).toBe('check');
    expect(replay(mortal, found?.schedule ?? '').failure?.kind).toBe('check');
  });

  test('holds where explore() proves that nothing fails', () => {
    const harmless: Scenario<Machine> = { ...rare, check: () => undefined };
    expect(assertHolds(sample(harmless, { seed: 3, runs: 50 })).executions).toBe(50);
    assertHolds(explore(harmless));
  });
});

describe('replay()', () => {
  test.each([
    ['cannot be read', 'a3?', 'schedule cannot be read at character 2'],
    ['names a thread that cannot run', 'c', 'does not fit this scenario at decision 0'],
    ['tosses where a thread is picked', '+1', 'does not fit this scenario at decision 0'],
  ])('throws for a schedule that %s', (_, schedule, message) => {
    expect(() => replay(rare, schedule)).toThrow(message);
  });

  test('goes on by itself after the last decision', () => {
    expect(replay(rare, '').failure).toBeUndefined();
  });
});

describe('formatFailure()', () => {
  test('leaves out the middle of a long trace', () => {
    const poll: Scenario<Machine> = over(['x'], {
      name: 'poll',
      threads: [
        {
          name: 'poller',
          run: ({ memory: { atomics }, words }) => {
            while (atomics.load(words, 0) === 0);
          },
        },
      ],
    });
    const { failure } = explore(poll, { stepsMax: 1_000 });
    expect(failure?.kind).toBe('endless');
    const lines = failure === undefined ? [] : formatFailure(poll.name, failure).split('\n');
    expect(lines[0]).toContain('poll: endless: an execution passed 1000 atomic operations; loops that poll need thread.spin');
    expect(lines).toContain('      (800 steps left out)');
    expect(lines).toHaveLength(1 + 200 + 1 + 1);
    expect(lines.at(-2)).toMatch(/^ 999 {2}poller {2}load x 0/);
  });
});
