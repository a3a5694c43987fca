/**
 * Judges an execution in which no thread can go on: who is blocked that should not be, and what the scenario's check says.
 * Thread: the explorer's own.
 */
import { Status, ThreadField } from './control-words.ts';
import type { Execution } from './execution.ts';
import type { Finding } from './failure.ts';
import { finalState } from './final-state.ts';
import { Op } from './operations.ts';
import type { Scenario } from './scenario.ts';

/** What is wrong with the end of an execution, or undefined. */
export function verdictOf<Shared>(execution: Execution, scenario: Scenario<Shared>, shared: Shared): Finding | undefined {
  return blockedFinding(execution, scenario) ?? checkFinding(execution, scenario, shared);
}

function blockedFinding<Shared>(execution: Execution, scenario: Scenario<Shared>): Finding | undefined {
  const { control } = execution.model;
  const blocked = scenario.threads
    .map((_, thread) => thread)
    .filter((thread) => control.thread(thread, ThreadField.status) === Status.live);
  if (blocked.every((thread) => scenario.threads[thread]?.daemon === true)) return undefined;
  const waits = blocked.some((thread) => control.thread(thread, ThreadField.opKind) === Op.wake);
  const states = blocked.map((thread) => {
    const word = execution.memory.nameOf(control.thread(thread, ThreadField.opWord));
    return `${execution.nameOf(thread)} is blocked on ${word}`;
  });
  return { kind: waits ? 'lost-wake-up' : 'deadlock', message: states.join(', ') };
}

function checkFinding<Shared>(execution: Execution, scenario: Scenario<Shared>, shared: Shared): Finding | undefined {
  const { model, notes, results } = execution;
  try {
    scenario.check?.(finalState({ model, shared, notes, results }, scenario));
    return undefined;
  } catch (error) {
    return { kind: 'check', message: error instanceof Error ? error.message : String(error), cause: error };
  }
}
