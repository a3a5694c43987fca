/**
 * The reduced exploration reaches exactly the final states that the exploration of every order reaches.
 */
import { describe, expect, test } from 'vitest';
import { explore } from '@ringmain/testkit';
import type { Scenario } from '@ringmain/testkit';
import { randomProgram } from './random-program.ts';
import type { ProgramShape } from './random-program.ts';

const EVERY_ORDER_MAX = 40_000;

interface Seen {
  readonly outcomes: ReadonlySet<string>;
  readonly failure: string | undefined;
  readonly executions: number;
}

function outcomesOf<Shared>(scenario: Scenario<Shared>, mode: 'reduced' | 'every-order'): Seen {
  const outcomes = new Set<string>();
  const result = explore(
    { ...scenario, check: (final) => outcomes.add(final.fingerprint()) },
    { mode, executionsMax: EVERY_ORDER_MAX },
  );
  return { outcomes, failure: result.failure?.kind, executions: result.stats.executions + result.stats.pruned };
}

/** Compares many programs; returns how many were small enough to compare, and the orders and executions they took. */
function compare(seeds: number, shape: ProgramShape): { compared: number; raced: number; orders: number; executions: number } {
  const sum = { compared: 0, raced: 0, orders: 0, executions: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const program = randomProgram(seed, shape);
    const all = outcomesOf(program, 'every-order');
    if (all.failure === 'bound') continue;
    const reduced = outcomesOf(program, 'reduced');
    expect(reduced.failure, `failure of program ${seed} of ${JSON.stringify(shape)}`).toBe(all.failure);
    if (all.failure === undefined) {
      expect([...reduced.outcomes].sort(), `outcomes of program ${seed} of ${JSON.stringify(shape)}`).toEqual(
        [...all.outcomes].sort(),
      );
    }
    sum.compared++;
    if (all.failure === 'race') sum.raced++;
    sum.orders += all.executions;
    sum.executions += reduced.executions;
  }
  return sum;
}

const shapes: readonly (readonly [string, number, ProgramShape])[] = [
  ['two threads', 300, { threads: 2, operations: 5, words: 2, plain: false, kills: 0 }],
  ['three threads', 300, { threads: 3, operations: 3, words: 2, plain: false, kills: 0 }],
  ['four threads', 100, { threads: 4, operations: 2, words: 2, plain: false, kills: 0 }],
  ['plain accesses', 300, { threads: 2, operations: 4, words: 3, plain: true, kills: 0 }],
  ['one kill', 200, { threads: 2, operations: 3, words: 2, plain: false, kills: 1 }],
  ['two kills', 200, { threads: 2, operations: 3, words: 2, plain: true, kills: 2 }],
];

describe('explore() in reduced mode', () => {
  test.each(shapes)('reaches the states of every order: %s', (name, seeds, shape) => {
    const sum = compare(seeds, shape);
    console.info(`${name}: ${JSON.stringify(sum)}`);
    expect(sum.compared).toBeGreaterThan(seeds / 2);
    expect(sum.executions).toBeLessThan(sum.orders);
  });
});
