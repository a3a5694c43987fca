/**
 * Decides so that, over all executions, every outcome is seen: depth first, with or without partial-order reduction.
 * Thread: the explorer's own.
 *
 * 1. A decision of a schedule starts with one thread to explore (all of them without reduction).
 * 2. When an operation races with an earlier one, a thread that leads to the other order is added at the decision before the earlier one.
 * 3. A thread whose operation was explored at a decision sleeps in the branches of its siblings until something it depends on happens;
 *    where all that can run sleeps, the execution is covered by another one and is pruned.
 * 4. Kills and choices are decided by the thread itself, after the operation before them: all their outcomes are explored there.
 * Invariant: what `explored` holds at a decision is completely explored.
 * Source: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, "Optimal dynamic partial order reduction", POPL 2014, algorithm 1
 * (source sets and sleep sets); differs in: outcomes of a thread's own chance, returning by undo instead of running again.
 */
import { EventHistory } from './event-history.ts';
import type { Snapshot } from './execution.ts';
import type { MemoryModel } from './memory-model.ts';
import { dependent } from './operations.ts';
import type { Footprint } from './operations.ts';
import type { Decision } from './schedule.ts';
import { PRUNE } from './strategy.ts';
import type { Strategy, TossReason } from './strategy.ts';

const NONE = -1;
const UNTOUCHED: Footprint = [];

type Kind = 'thread' | TossReason;

/** What this steers: a simulation, whatever its scenario shares. */
export interface Steered {
  readonly model: MemoryModel;
  save(snapshot: Snapshot): void;
  restore(snapshot: Snapshot): void;
  grant(thread: number): void;
  kill(thread: number): void;
}

/** One decision of the current execution. */
interface Branch extends Snapshot {
  kind: Kind;
  /** The thread picked, or for a toss the thread it is about. */
  thread: number;
  outcome: number;
  options: number;
  toExplore: number;
  explored: number;
  /** Threads that need not run first here, whatever their footprints say later. */
  asleep: number;
  /** What each sleeping or explored thread's operation touches. */
  footprints: Footprint[];
}

/** Exhaustive decisions. */
export class DepthFirst implements Strategy {
  private readonly reduced: boolean;
  private readonly branches: Branch[] = [];
  private depth = 0;
  private lastPick = NONE;
  private resumed = NONE;
  private simulation: Steered | undefined;
  private history: EventHistory | undefined;

  /** @param reduced - false to explore every order */
  constructor(reduced: boolean) {
    this.reduced = reduced;
  }

  /** Connects the simulation this decides for. */
  attach(simulation: Steered): void {
    this.simulation = simulation;
    this.history = new EventHistory(simulation.model);
  }

  schedule(enabled: number, running: number): number {
    const parent = this.lastPick === NONE ? undefined : this.branches[this.lastPick];
    const branch = this.push('thread');
    branch.asleep = 0;
    if (this.reduced && parent !== undefined) this.inheritSleep(parent, branch);
    const awake = enabled & ~branch.asleep;
    if (awake === 0) {
      this.depth--;
      return PRUNE;
    }
    branch.thread = running >= 0 && (awake & (1 << running)) !== 0 ? running : lowest(awake);
    branch.toExplore = this.reduced ? 1 << branch.thread : enabled;
    branch.explored = 0;
    this.lastPick = this.depth - 1;
    return branch.thread;
  }

  toss(options: number, reason: TossReason, thread: number): number {
    if (this.resumed !== NONE) {
      const outcome = this.resumed;
      this.resumed = NONE;
      return outcome;
    }
    const branch = this.push(reason);
    branch.thread = thread;
    branch.options = options;
    branch.outcome = 0;
    return 0;
  }

  performed(thread: number, footprint: Footprint): void {
    if (!this.reduced) return;
    const picked = this.branches[this.lastPick] as Branch;
    picked.footprints[thread] = footprint;
    this.history?.record(thread, this.lastPick, this.onRace);
  }

  /**
   * Returns to the last decision that has something left and takes it.
   *
   * @returns false when everything is explored
   */
  advance(): boolean {
    for (; this.depth > 0; this.depth--) {
      const branch = this.branches[this.depth - 1] as Branch;
      if (branch.kind === 'thread' ? this.turnToNextThread(branch) : this.turnToNextOutcome(branch)) return true;
    }
    return false;
  }

  /** The decisions of the current execution. */
  decisions(): Decision[] {
    return this.branches
      .slice(0, this.depth)
      .map((branch) =>
        branch.kind === 'thread' ? { kind: 'thread', thread: branch.thread } : { kind: 'toss', outcome: branch.outcome },
      );
  }

  private turnToNextThread(branch: Branch): boolean {
    branch.explored |= 1 << branch.thread;
    const left = branch.toExplore & ~branch.explored & ~branch.asleep;
    if (left === 0) return false;
    branch.thread = lowest(left);
    this.lastPick = this.depth - 1;
    this.simulation?.restore(branch);
    this.simulation?.grant(branch.thread);
    return true;
  }

  private turnToNextOutcome(branch: Branch): boolean {
    if (branch.outcome + 1 >= branch.options) return false;
    branch.outcome++;
    this.lastPick = this.depth - 1;
    while (this.lastPick >= 0 && this.branches[this.lastPick]?.kind !== 'thread') this.lastPick--;
    this.simulation?.restore(branch);
    if (branch.kind === 'kill') {
      this.simulation?.kill(branch.thread);
    } else {
      this.resumed = branch.outcome;
      this.simulation?.grant(branch.thread);
    }
    return true;
  }

  private push(kind: Kind): Branch {
    let branch = this.branches[this.depth];
    if (branch === undefined) {
      branch = {
        kind,
        thread: 0,
        outcome: 0,
        options: 0,
        toExplore: 0,
        explored: 0,
        asleep: 0,
        footprints: [],
        mark: 0,
        control: new Int32Array(0),
      };
      this.branches.push(branch);
    }
    branch.kind = kind;
    this.depth++;
    this.simulation?.save(branch);
    return branch;
  }

  /** Threads that slept or were explored at `parent` go on sleeping unless what was picked there concerns them. */
  private inheritSleep(parent: Branch, branch: Branch): void {
    const picked = parent.footprints[parent.thread] ?? UNTOUCHED;
    const sleepers = (parent.asleep | parent.explored) & ~(1 << parent.thread);
    for (let left = sleepers; left !== 0; left &= left - 1) {
      const thread = lowest(left);
      const footprint = parent.footprints[thread] ?? UNTOUCHED;
      if (dependent(footprint, picked)) continue;
      branch.asleep |= 1 << thread;
      branch.footprints[thread] = footprint;
    }
  }

  private readonly onRace = (decision: number, initials: number, thread: number): void => {
    const branch = this.branches[decision] as Branch;
    if ((initials & (branch.toExplore | branch.asleep)) !== 0) return;
    branch.toExplore |= (initials & (1 << thread)) !== 0 ? 1 << thread : initials & -initials;
  };
}

function lowest(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}
