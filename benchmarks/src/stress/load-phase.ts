/**
 * One measured stretch of a scenario: an open-loop load on a runtime, sampled, with what goes on beside it.
 * Thread: main.
 */
import {
  generateLoad,
  Histogram,
  type LoadPace,
  type LoadSchedule,
  LoadSampler,
  OutcomeCounts,
  SAMPLE_MS,
  statesSeen,
} from '@ringmain/cli/bench';
import type { LoadOutcome } from '@ringmain/cli/bench';
import { nowUs } from '../measure/clock.ts';
import type { RuntimeTarget } from './runtime-target.ts';
import type { StressBoard } from './stress-board.ts';
import type { StressContext } from './stress-result.ts';

const clock = { monotonicUs: nowUs };
const SAY_EVERY = 10;

/** Takes every turn of the event loop, also when nothing is due: for loads that have something to do in each turn. */
export const restlessPace: LoadPace = (turn) => void setImmediate(turn);

/** What a phase is made of. */
export interface LoadPhase {
  readonly name: string;
  readonly schedule: LoadSchedule;
  readonly publish: (index: number, dueUs: number) => LoadOutcome;
  /** Slots of the board whose latencies are sampled, by name. */
  readonly sampled?: Readonly<Record<string, number>>;
  /** Board of these slots. @defaultValue that of the runtime */
  readonly board?: StressBoard;
  readonly pace?: LoadPace;
  readonly onTurn?: (nowUs: number, outcomes: OutcomeCounts) => void;
}

/** What a phase gives beside what its slots counted. */
export interface PhaseEnd {
  readonly seconds: number;
  readonly lateP99: number;
  /** Degradation states seen, in order. */
  readonly degradation: readonly string[];
}

/** Runs a phase; what it published need not have been handled when it ends. */
export async function runPhase(target: RuntimeTarget, phase: LoadPhase, context: StressContext): Promise<PhaseEnd> {
  const { name, schedule, publish, sampled, board = target.board, pace, onTurn } = phase;
  const outcomes = new OutcomeCounts();
  const lateness = new Histogram();
  const sampler = new LoadSampler({
    clock,
    metrics: () => target.runtime.metrics(),
    outcomes,
    lateness,
    ...(sampled === undefined ? {} : { latencies: () => board.takeIntervals(sampled) }),
  });
  const timer = setInterval(() => {
    sampler.take();
    const sample = sampler.samples.at(-1);
    if (sampler.samples.length % SAY_EVERY === 1 && sample !== undefined)
      context.say(`${name}: ${sample.publishedPerSecond}/s, ${sample.inFlight} in flight`);
  }, SAMPLE_MS);
  try {
    const { startUs, endUs } = await generateLoad({
      schedule,
      publish,
      clock,
      outcomes,
      lateness,
      stop: new AbortController().signal,
      ...(pace === undefined ? {} : { pace }),
      ...(onTurn === undefined ? {} : { onTurn: (now: number) => onTurn(now, outcomes) }),
    });
    sampler.take();
    context.keep({ name, samples: sampler.samples });
    return { seconds: (endUs - startUs) / 1e6, lateP99: lateness.summary().p99, degradation: statesSeen(sampler.samples) };
  } finally {
    clearInterval(timer);
  }
}
