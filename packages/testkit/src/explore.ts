/**
 * The explorer's front door: run every schedule, sample schedules by seed, or replay one.
 * Thread: any; everything runs synchronously on the calling thread.
 */
import { RingmainError, seededRandom } from '@ringmain/core';
import { DepthFirst } from './depth-first.ts';
import type { SimulationCounts } from './execution.ts';
import { formatFailure } from './failure.ts';
import type { Failure, Finding, TraceStep } from './failure.ts';
import { RandomPriorities } from './random-priorities.ts';
import { ReplayStrategy } from './replay-strategy.ts';
import type { Scenario } from './scenario.ts';
import { formatSchedule, parseSchedule } from './schedule.ts';
import { Simulation } from './simulation.ts';
import type { Strategy } from './strategy.ts';
import { Tracer } from './tracer.ts';

const STEPS_MAX = 10_000;
const EXECUTIONS_MAX = 2_000_000;
const CHANGES = 3;

/** Length that every random run is taken to have at least, so that short scenarios do not die at every point. */
const RUN_MIN = 20;

/** Bounds of {@link explore}. */
export interface ExploreOptions {
  /**
   * `reduced`: one execution at least of each class of executions that differ only in the order of independent operations.
   * `every-order`: each order of atomic operations, for small cross-checks.
   * @defaultValue 'reduced'
   */
  readonly mode?: 'reduced' | 'every-order';
  /** Reaching it is a failure of kind `bound`. @defaultValue 2000000 */
  readonly executionsMax?: number;
  /** Atomic operations in one execution; passing it is a failure of kind `endless`. @defaultValue 10000 */
  readonly stepsMax?: number;
}

/** Settings of {@link sample}. */
export interface SampleOptions {
  readonly seed: number;
  readonly runs: number;
  /** Steps per run at which the running thread falls behind all others. @defaultValue 3 */
  readonly changes?: number;
  /** @defaultValue 10000 */
  readonly stepsMax?: number;
}

/** What an exploration did. */
export interface ExplorationStats {
  /** Executions run to their end. */
  readonly executions: number;
  /** Executions cut short because others cover them. */
  readonly pruned: number;
  /** Places at which a kill was tried, over all executions. */
  readonly killPoints: number;
  /** Most atomic operations in one execution. */
  readonly depthMax: number;
  /** Atomic operations performed. */
  readonly events: number;
  /** Shared accesses performed, plain ones too; without those a log answered. */
  readonly accesses: number;
  /** How often a thread's body was started, again or for the first time. */
  readonly runs: number;
}

/** The result of an exploration. */
export interface Exploration {
  readonly scenario: string;
  /** Undefined when every execution looked at holds. */
  readonly failure: Failure | undefined;
  readonly stats: ExplorationStats;
}

/**
 * Runs a scenario under every schedule, with every kill and every choice, up to the first failure.
 *
 * @remarks Synchronous. Stops at `executionsMax` with a failure, never silently.
 *
 * A thread is suspended by a signal that is thrown through its code. Code that catches it and returns is a failure of kind `swallowed`; code that
 * catches it and asks for more is thrown out again at each access, which is harmless, for nothing it does then has an effect. A loop that
 * catches it for ever cannot be left by any exception: after 100000 such accesses the process is ended by a signal, with the scenario, the
 * thread and the stack of the loop on standard error. A loop that catches it and then touches no shared memory cannot be seen at all.
 */
export function explore<Shared>(scenario: Scenario<Shared>, options: ExploreOptions = {}): Exploration {
  const strategy = new DepthFirst(options.mode !== 'every-order');
  const simulation = new Simulation(scenario, strategy, options.stepsMax ?? STEPS_MAX);
  strategy.attach(simulation);
  const executionsMax = options.executionsMax ?? EXECUTIONS_MAX;
  let executions = 0;
  let pruned = 0;
  let failure: Failure | undefined;
  const { execution } = simulation;
  simulation.begin();
  do {
    if (executions + pruned >= executionsMax) {
      failure = { kind: 'bound', message: `${executionsMax} executions were not enough to see all`, schedule: '', trace: [] };
      break;
    }
    simulation.run();
    if (execution.pruned) pruned++;
    else executions++;
    if (execution.finding !== undefined) {
      failure = explain(scenario, execution.finding, formatSchedule(strategy.decisions()), options.stepsMax);
    }
  } while (failure === undefined && strategy.advance());
  return { scenario: scenario.name, failure, stats: statsOf(execution.counts, executions, pruned) };
}

/**
 * Runs a scenario under random schedules drawn from a seed: for scenarios too large for {@link explore}.
 *
 * @remarks Run number n draws from `seed + n` and from nothing else, so that the seed of a failure finds it again with `runs: 1`.
 */
export function sample<Shared>(scenario: Scenario<Shared>, options: SampleOptions): Exploration {
  const stepsMax = options.stepsMax ?? STEPS_MAX;
  const deferred = new Deferred();
  const simulation = new Simulation(scenario, deferred, stepsMax);
  const { execution } = simulation;
  const expected = rehearse(scenario, stepsMax);
  const killChance = (scenario.kills?.max ?? 0) / (expected.killPoints + 1);
  for (let run = 0; run < options.runs; run++) {
    const seed = (options.seed + run) | 0;
    const random = seededRandom(seed);
    const strategy = new RandomPriorities(
      random,
      scenario.threads.length,
      options.changes ?? CHANGES,
      expected.steps,
      killChance,
    );
    deferred.strategy = strategy;
    simulation.begin();
    simulation.run();
    if (execution.finding === undefined) continue;
    const failure = explain(scenario, execution.finding, formatSchedule(strategy.decisions), options.stepsMax);
    return { scenario: scenario.name, failure: { ...failure, seed }, stats: statsOf(execution.counts, run + 1, 0) };
  }
  return { scenario: scenario.name, failure: undefined, stats: statsOf(execution.counts, options.runs, 0) };
}

/**
 * Runs one execution of a scenario again.
 *
 * @param schedule - from a {@link Failure}; after its last decision each thread goes on for as long as it can
 * @throws RingmainError `RINGMAIN_OPTION_INVALID` when the text is no schedule, or none of this scenario
 */
export function replay<Shared>(
  scenario: Scenario<Shared>,
  schedule: string,
  stepsMax = STEPS_MAX,
): Exploration & { readonly trace: readonly TraceStep[] } {
  const { misfit, ...replayed } = follow(scenario, schedule, stepsMax);
  if (misfit === undefined) return replayed;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `the schedule does not fit this scenario at decision ${misfit}`);
}

/**
 * Returns the figures of an exploration that found nothing.
 *
 * @throws Error with the readable trace of the failure otherwise
 */
export function assertHolds(exploration: Exploration): ExplorationStats {
  if (exploration.failure === undefined) return exploration.stats;
  throw new Error(formatFailure(exploration.scenario, exploration.failure), { cause: exploration.failure.cause });
}

/** Lets one simulation serve many random runs, each with its own strategy. */
class Deferred implements Strategy {
  strategy: RandomPriorities | undefined;

  schedule(enabled: number): number {
    return this.strategy?.schedule(enabled) ?? 0;
  }

  toss(options: number, reason: 'kill' | 'choice'): number {
    return this.strategy?.toss(options, reason) ?? 0;
  }

  performed(): void {
    // Random decisions do not depend on what was touched.
  }
}

/** How long a run may be expected to be: as long as one in which nobody is suspended or killed. What it finds, random runs find too. */
function rehearse<Shared>(scenario: Scenario<Shared>, stepsMax: number): { steps: number; killPoints: number } {
  const simulation = new Simulation(scenario, new ReplayStrategy([]), stepsMax);
  simulation.begin();
  simulation.run();
  const { events, killPoints } = simulation.execution.counts;
  return { steps: Math.max(RUN_MIN, events), killPoints: Math.max(RUN_MIN, killPoints) };
}

/** Replays a found execution with places, so that the report shows what the fast run did not look at. */
function explain<Shared>(scenario: Scenario<Shared>, finding: Finding, schedule: string, stepsMax = STEPS_MAX): Failure {
  const replayed = follow(scenario, schedule, stepsMax);
  if (replayed.misfit === undefined && replayed.failure?.kind === finding.kind) return replayed.failure;
  return {
    ...finding,
    schedule,
    trace: replayed.trace,
    message: `${finding.message} (the replay ended otherwise: the scenario keeps state outside of its memory)`,
  };
}

interface Followed extends Exploration {
  readonly trace: readonly TraceStep[];
  /** Number of the first decision that could not be followed. */
  readonly misfit: number | undefined;
}

function follow<Shared>(scenario: Scenario<Shared>, schedule: string, stepsMax: number): Followed {
  const strategy = new ReplayStrategy(parseSchedule(schedule));
  const simulation = new Simulation(scenario, strategy, stepsMax);
  const { execution } = simulation;
  const tracer = new Tracer(
    (word) => execution.memory.nameOf(word),
    () => simulation.isInBody(),
  );
  execution.tracer = tracer;
  simulation.begin();
  simulation.run();
  const { finding } = execution;
  const trace = tracer.steps;
  const failure = finding === undefined ? undefined : { ...finding, schedule, trace };
  return { scenario: scenario.name, failure, trace, stats: statsOf(execution.counts, 1, 0), misfit: strategy.misfit };
}

function statsOf(counts: SimulationCounts, executions: number, pruned: number): ExplorationStats {
  return { executions, pruned, ...counts };
}
