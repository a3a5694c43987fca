/**
 * The state of the execution at hand: memory, logs, notes, results, the first violation; and how to return to an earlier state of it.
 * Thread: the explorer's own.
 *
 * Memory is undone through its journal, logs and notes are cut back to their lengths, and the words of control are copied.
 * Invariant: after `restore(snapshot)` everything is as it was at `save(snapshot)`, as long as no earlier snapshot was restored in between.
 */
import { AccessLog } from './access-log.ts';
import { Counter, ThreadField } from './control-words.ts';
import { EventHistory } from './event-history.ts';
import type { Finding } from './failure.ts';
import { MemoryModel } from './memory-model.ts';
import type { OpKind } from './operations.ts';
import type { Note } from './scenario.ts';
import type { SimulatedMemory } from './simulated-memory.ts';
import type { Tracer } from './tracer.ts';

/** Value of {@link Execution.next} that ends the execution. */
export const END = -1;

/** A state to return to. */
export interface Snapshot {
  mark: number;
  control: Int32Array;
}

/** A snapshot that nothing was saved to yet. */
export function emptySnapshot(): Snapshot {
  return { mark: 0, control: new Int32Array(0) };
}

/** What is counted over all executions. */
export interface SimulationCounts {
  accesses: number;
  events: number;
  runs: number;
  killPoints: number;
  depthMax: number;
}

/** Everything an execution has done so far. */
export class Execution {
  readonly scenarioName: string;
  readonly memory: SimulatedMemory;
  readonly model: MemoryModel;
  readonly notes: Note[] = [];
  readonly results: unknown[] = [];
  readonly counts: SimulationCounts = { accesses: 0, events: 0, runs: 0, killPoints: 0, depthMax: 0 };
  /** The thread that goes on once the one that runs has been left, or {@link END}. */
  next = END;
  /** The first violation. */
  finding: Finding | undefined;
  /** Set while the execution was cut short because another one covers it. */
  pruned = false;
  /** Writes down every access, for a replay. */
  tracer: Tracer | undefined;

  private readonly names: readonly string[];
  private readonly logs: AccessLog[][];

  /**
   * @param scenarioName - for reports
   * @param memory - as the set-up left it
   * @param names - of the threads, by number
   */
  constructor(scenarioName: string, memory: SimulatedMemory, names: readonly string[]) {
    this.scenarioName = scenarioName;
    this.memory = memory;
    this.names = names;
    this.model = new MemoryModel(memory.initial, names.length, EventHistory.cellsFor(memory.initial.length, names.length));
    this.logs = names.map(() => []);
  }

  /** Saves the state, to return to it any number of times. */
  save(snapshot: Snapshot): void {
    const control = this.model.control;
    for (let thread = 0; thread < control.threads; thread++)
      control.setThread(thread, ThreadField.logLength, this.logOf(thread).length);
    control.setCounter(Counter.notes, this.notes.length);
    snapshot.mark = this.model.cells.mark();
    if (snapshot.control.length === 0) snapshot.control = control.cells.slice();
    else snapshot.control.set(control.cells);
  }

  /** Returns to a saved state. */
  restore(snapshot: Snapshot): void {
    const control = this.model.control;
    this.model.cells.rewind(snapshot.mark);
    control.cells.set(snapshot.control);
    for (let thread = 0; thread < control.threads; thread++)
      this.logOf(thread).length = control.thread(thread, ThreadField.logLength);
    this.notes.length = control.counter(Counter.notes);
    this.finding = undefined;
    this.pruned = false;
  }

  /** Takes up a violation, of which the first one counts, and ends the execution. */
  report(finding: Finding): void {
    this.finding ??= finding;
    this.next = END;
  }

  /** The log of a thread's present generation. */
  logOf(thread: number): AccessLog {
    const generations = this.logs[thread] as AccessLog[];
    return (generations[this.generationOf(thread)] ??= new AccessLog());
  }

  generationOf(thread: number): number {
    return this.model.control.thread(thread, ThreadField.generation);
  }

  nameOf(thread: number): string {
    return this.names[thread] ?? 'nobody';
  }

  /** Shows an access to the tracer, if there is one. */
  traceAccess(thread: number, kind: OpKind, word: number, value: number): void {
    this.tracer?.access(thread, this.nameOf(thread), this.generationOf(thread), kind, word, String(value));
  }

  /** Shows the tracer, if there is one, something that touches no word. */
  traceRemark(thread: number, operation: string, value: string): void {
    this.tracer?.remark(this.nameOf(thread), this.generationOf(thread), operation, value);
  }
}
