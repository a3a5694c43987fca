/**
 * The end of one execution, as a scenario's check sees it.
 * Thread: the explorer's own.
 */
import { Status, ThreadField } from './control-words.ts';
import type { MemoryModel } from './memory-model.ts';
import type { FinalState, Note, Scenario } from './scenario.ts';

/** The parts of a simulation that make its end. */
export interface Ended<Shared> {
  readonly model: MemoryModel;
  readonly shared: Shared;
  readonly notes: readonly Note[];
  readonly results: readonly unknown[];
}

/** Describes the end of the execution that a simulation is in. */
export function finalState<Shared>(ended: Ended<Shared>, scenario: Scenario<Shared>): FinalState<Shared> {
  const control = ended.model.control;
  const fieldOf = (field: number): Record<string, number> =>
    Object.fromEntries(scenario.threads.map((spec, thread) => [spec.name, control.thread(thread, field)]));
  const status = fieldOf(ThreadField.status);
  const namesIn = (wanted: number): string[] =>
    scenario.threads.map((spec) => spec.name).filter((name) => status[name] === wanted);
  const finished = new Set(namesIn(Status.finished));
  const noted = (label: string, thread?: string): unknown[] =>
    ended.notes
      .filter((note) => note.label === label && (thread === undefined || note.thread === thread))
      .map((note) => note.value);
  const results = Object.fromEntries(
    scenario.threads.map((spec, thread) => [spec.name, finished.has(spec.name) ? ended.results[thread] : undefined]),
  );
  return {
    shared: ended.shared,
    results,
    notes: ended.notes,
    deaths: fieldOf(ThreadField.generation),
    blocked: namesIn(Status.live),
    noted,
    fingerprint: () => {
      const values = Array.from({ length: ended.model.words }, (_, word) => ended.model.value(word));
      const notes = scenario.threads.map((spec) => ended.notes.filter((note) => note.thread === spec.name));
      return JSON.stringify([values, results, status, notes]);
    },
  };
}
