/**
 * Explorations come in two forms. The short one runs with every test run, in well under a minute. The full one adds the large scenarios
 * and takes some ten minutes: `RINGMAIN_EXPLORE=full npx vitest run --project explore packages/ring`. It prints the figures of each.
 */
import { assertHolds, explore, sample } from '@ringmain/testkit';
import type { ExplorationStats, Scenario } from '@ringmain/testkit';

/** True in the full form. */
export const IS_FULL = process.env['RINGMAIN_EXPLORE'] === 'full';

/** Executions that the largest exhaustive scenario may take. */
const EXECUTIONS_MAX = 10_000_000;

/** The plans of the form that runs. */
export function plansOf<Plan extends { readonly name: string }>(short: readonly Plan[], full: readonly Plan[]): [string, Plan][] {
  return [...short, ...(IS_FULL ? full : [])].map((plan) => [plan.name, plan]);
}

/** Explores every schedule and kill of a scenario; throws with the trace of the first failure. */
export function exploreAll<Shared>(scenario: Scenario<Shared>): ExplorationStats {
  const startedMs = performance.now();
  const stats = assertHolds(explore(scenario, { executionsMax: EXECUTIONS_MAX }));
  report(scenario.name, stats, performance.now() - startedMs);
  return stats;
}

/** Runs random schedules of a scenario that is too large to explore: some in the short form, many in the full one. */
export function sampleSome<Shared>(scenario: Scenario<Shared>, seed: number): ExplorationStats {
  const startedMs = performance.now();
  const stats = assertHolds(sample(scenario, { seed, runs: IS_FULL ? 50_000 : 500 }));
  report(`${scenario.name} (sampled)`, stats, performance.now() - startedMs);
  return stats;
}

function report(name: string, stats: ExplorationStats, ms: number): void {
  if (!IS_FULL) return;
  console.log(`${name}: ${stats.executions} executions, ${stats.killPoints} kill points, ${(ms / 1000).toFixed(1)} s`);
}
