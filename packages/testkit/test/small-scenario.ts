/**
 * Scenarios over a few named words, for programs too small to deserve a type of their own.
 */
import type { Scenario, SimulatedMemory } from '@ringmain/testkit';

/** What the threads of a small scenario share. */
export interface Machine {
  readonly memory: SimulatedMemory;
  readonly words: Int32Array;
}

/** A scenario over words of the given names. */
export function over(names: readonly string[], scenario: Omit<Scenario<Machine>, 'setup'>): Scenario<Machine> {
  return {
    ...scenario,
    setup: (memory) => {
      const words = memory.words(names.length);
      names.forEach((name, index) => memory.label(words, index, name));
      return { memory, words };
    },
  };
}
