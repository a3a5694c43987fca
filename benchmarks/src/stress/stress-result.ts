/**
 * What a stress scenario reports.
 * Thread: main thread of the measuring process.
 */
import type { LoadSample } from '@ringmain/cli/bench';

/** Numbers by name: times in microseconds unless the name ends otherwise. Null where the system does not say. */
export type Figures = Readonly<Record<string, number | null>>;

/** One entry of the JSON report. */
export interface StressResult {
  readonly scenario: string;
  readonly seconds: number;
  readonly figures: Figures;
  /** The same names, measured in the same run without the stress, or over `postMessage`; the notes say which. */
  readonly baseline: Figures;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Outcomes per priority, where a scenario mixes them. */
  readonly outcomesByPriority?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly conservation: { readonly holds: boolean };
  /** Accepted events that went missing. */
  readonly lost: number;
  readonly notes: readonly string[];
  /** Why nothing was measured, if so. */
  readonly skipped?: string;
}

/** Samples of a part of a scenario, for plots. */
export interface SampledPhase {
  readonly name: string;
  readonly samples: readonly LoadSample[];
}

/** A result with what only the page shows. */
export interface StressRecord {
  readonly result: StressResult;
  readonly phases: readonly SampledPhase[];
}

/** What a scenario gets. */
export interface StressContext {
  /** Length of each measurement. */
  readonly seconds: number;
  /** Shows what goes on. */
  readonly say: (text: string) => void;
  /** Keeps the samples of a phase for the page. */
  readonly keep: (phase: SampledPhase) => void;
}

/** What a scenario returns; the runner adds its name and length. */
export type StressOutcome = Omit<StressResult, 'scenario' | 'seconds'>;

/** Runs a scenario. */
export type StressScenario = (context: StressContext) => Promise<StressOutcome>;

/** A result of a scenario that cannot run here. */
export function skippedBecause(skipped: string): StressOutcome {
  return { figures: {}, baseline: {}, outcomes: {}, conservation: { holds: true }, lost: 0, notes: [], skipped };
}

/** Puts a prefix before the names of figures. */
export function prefixed(prefix: string, figures: Figures): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${prefix}.${name}`, value]));
}
