/** What `npm run bench -- stress` is told. Loads nothing, so that the command line can read it first. Thread: main. */

/** Names of the scenarios, in the order in which they run. */
export const stressScenarioNames = [
  'sustained',
  'burst',
  'overload',
  'priority-flood',
  'slow-group',
  'flooder',
  'rate-limit',
  'noisy-neighbour',
  'hot-key',
  'churn',
  'resize',
] as const;

/** Name of a scenario. */
export type StressScenarioName = (typeof stressScenarioNames)[number];

/** Options of the command. */
export interface StressOptions {
  readonly scenarios: readonly StressScenarioName[];
  /** Length of each measurement. */
  readonly seconds: number;
  readonly json: string | undefined;
  readonly html: string | undefined;
}
