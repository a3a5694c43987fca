/**
 * Random small concurrent programs, to compare the reduced exploration with the one that takes every order.
 */
import { seededRandom } from '@ringmain/core';
import type { Random } from '@ringmain/core';
import type { Scenario, SimulatedMemory, ThreadContext } from '@ringmain/testkit';

/** How programs are drawn. */
export interface ProgramShape {
  readonly threads: number;
  readonly operations: number;
  readonly words: number;
  /** Draws plain reads and writes too, so that many programs race. */
  readonly plain: boolean;
  readonly kills: number;
}

type Step = (memory: SimulatedMemory, words: Int32Array, thread: ThreadContext) => unknown;

interface Machine {
  readonly memory: SimulatedMemory;
  readonly words: Int32Array;
}

/** Draws a program. Every thread may stay blocked, so that blocked states are outcomes and not failures. */
export function randomProgram(seed: number, shape: ProgramShape): Scenario<Machine> {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random.next() * bound);
  const names = Array.from({ length: shape.threads }, (_, thread) => `t${thread}`);
  const body = (operations: number) => {
    const steps = Array.from({ length: operations }, () => randomStep(random, shape));
    return ({ memory, words }: Machine, thread: ThreadContext): unknown => steps.map((step) => step(memory, words, thread));
  };
  return {
    name: `program ${seed}`,
    setup: (memory) => ({ memory, words: memory.words(shape.words) }),
    threads: names.map((name) => ({ name, daemon: true, run: body(1 + below(shape.operations)), successor: body(1 + below(2)) })),
    kills: { max: shape.kills, victims: names.slice(0, 1 + below(shape.threads)) },
    timeouts: 1,
  };
}

function randomStep(random: Random, shape: ProgramShape): Step {
  const below = (bound: number): number => Math.floor(random.next() * bound);
  const index = below(shape.words);
  const value = below(3);
  const other = below(3);
  switch (below(shape.plain ? 14 : 12)) {
    case 0:
    case 1:
      return ({ atomics }, words) => atomics.load(words, index);
    case 2:
    case 3:
      return ({ atomics }, words) => atomics.store(words, index, value);
    case 4:
      return ({ atomics }, words) => atomics.exchange(words, index, value);
    case 5:
      return ({ atomics }, words) => atomics.compareExchange(words, index, value, other);
    case 6:
    case 7:
      return ({ atomics }, words) => atomics.notify(words, index, value === 0 ? undefined : 1);
    case 8:
      return ({ atomics }, words) => atomics.wait(words, index, value === 2 ? 1 : 0, other === 0 ? 5 : undefined);
    case 9:
      return ({ atomics }, words, thread) => {
        const waiting = atomics.waitAsync(words, index, 0);
        const seen = atomics.load(words, (index + 1) % shape.words);
        return seen === value ? seen : thread.await(waiting);
      };
    case 10:
      return (_, words, thread) => thread.spin(words, index, 0);
    case 11:
      return value === 0 ? (_, __, thread) => thread.choose(2) : (_, __, thread) => thread.note('here', index);
    case 12:
      return (_, words) => words[index];
    default:
      return (_, words) => (words[index] = value);
  }
}
