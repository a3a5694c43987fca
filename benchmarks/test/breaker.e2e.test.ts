/** The short form of the breaker measurements: probes are counted over several shards, trips end calls. */
import { expect, it } from 'vitest';
import { probeTrials, tripTimesMs } from '../dist/breaker/breaker-trials.js';
import { measureCallCosts } from '../dist/breaker/call-cost.js';

it('a half-open breaker lets exactly as many calls through as it has probes, over four shards, each time', async () => {
  expect(await probeTrials(4, 25)).toEqual({ shards: 4, trials: 25, exact: 25, fewest: 5, most: 5 });
});

it('calls end when the breaker has opened', async () => {
  const times = await tripTimesMs(2, 2);
  expect(times).toHaveLength(2);
  for (const ms of times) expect(ms).toBeGreaterThanOrEqual(0);
});

it('every contender handles its calls', async () => {
  const { rows } = await measureCallCosts(1, 5);
  expect(rows.map(({ contender }) => contender)).toEqual([
    'no policy',
    'cockatiel',
    'opossum',
    'ringmain, unprotected',
    'ringmain',
  ]);
  for (const { callUs } of rows) expect(callUs).toBeGreaterThan(0);
});
