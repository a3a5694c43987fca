/**
 * `npm run bench -- breaker`: what protection of a call costs beside cockatiel and opossum, how soon an open breaker is obeyed, and whether a half-open one
 * lets exactly as many calls through as it has probes.
 * Thread: main.
 */
import { describeMoment, type MachineFacts, machineFacts, machineMoment } from '../measure/machine-facts.ts';
import { quantile, significant } from '../measure/statistics.ts';
import { writeJson } from '../report/json-report.ts';
import { Progress } from '../report/progress.ts';
import { numberText, textTable } from '../report/text-table.ts';
import type { ProbeTrials } from './breaker-trials.ts';
import { probeTrials, tripTimesMs } from './breaker-trials.ts';
import type { CallCosts } from './call-cost.ts';
import { measureCallCosts } from './call-cost.ts';

/** What to measure. */
export interface BreakerOptions {
  readonly rounds: number;
  readonly sliceMs: number;
  readonly trials: number;
  readonly shards: number;
  readonly json: string | undefined;
}

/** The JSON report; times in milliseconds where the name says nothing else. */
export interface BreakerReport {
  readonly machine: MachineFacts;
  readonly node: string;
  readonly costs: CallCosts;
  /** From the call whose failure opens the breaker to the last call that begins. */
  readonly tripMs: {
    readonly trials: number;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly max: number | null;
  };
  readonly probes: ProbeTrials;
}

const TRIP_SHARDS = 2;

/** Runs the measurements, prints them and writes the JSON report; false when a trial let another number of probes through. */
export async function runBreaker({ rounds, sliceMs, trials, shards, json }: BreakerOptions): Promise<boolean> {
  const progress = new Progress();
  const before = await machineMoment();
  console.log(`Node ${process.versions.node}\n${describeMoment('before', before)}`);
  progress.update('breaker: cost of calls');
  const costs = await measureCallCosts(rounds, sliceMs);
  progress.update('breaker: opening');
  const times = await tripTimesMs(TRIP_SHARDS, Math.ceil(trials / 10));
  progress.update('breaker: probes');
  const probes = await probeTrials(shards, trials);
  progress.clear();
  const after = await machineMoment();
  const ms = (share: number): number | null => significant(quantile(times, share));
  const tripMs = { trials: times.length, p50: ms(0.5), p95: ms(0.95), max: ms(1) };
  const report: BreakerReport = { machine: machineFacts(before, after), node: process.versions.node, costs, tripMs, probes };
  console.log(`\n${describe(report)}\n\n${describeMoment('after', after)}`);
  if (json !== undefined) writeJson(json, report);
  return probes.exact === probes.trials;
}

function describe({ costs, tripMs, probes }: BreakerReport): string {
  const us = (value: number | null): string => numberText(significant(value, 3));
  return [
    textTable(
      ['contender', 'us per call', 'us added'],
      costs.rows.map(({ contender, callUs, addedUs }) => [contender, us(callUs), us(addedUs)]),
    ),
    `against the cheaper library: whole event ${us(costs.wholeRatio)}x, added ${us(costs.addedRatio)}x`,
    `opening to the last call that begins, ${tripMs.trials} trials: p50 ${us(tripMs.p50)} ms, p95 ${us(tripMs.p95)} ms, max ${us(tripMs.max)} ms`,
    `probes of a half-open breaker, ${probes.shards} shards: exactly 5 in ${probes.exact} of ${probes.trials} trials (${probes.fewest} to ${probes.most})`,
  ].join('\n');
}
