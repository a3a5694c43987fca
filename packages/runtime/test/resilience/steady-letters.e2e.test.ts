/** Promise: failures cost no memory: events that fail through all of their retries leave letters, and the store stays within its bound. */
import { expect, it } from 'vitest';
import { runChild } from '../promises/fixtures/run-child.ts';

it('a hundred thousand failures leave the process as large as it was', async () => {
  const events = 3100 * 11;
  const [line = ''] = await runChild('../../resilience/fixtures/steady-letters.mjs', '1', '3100');
  const { grownBytes, storeBytes, ...counts } = JSON.parse(line) as Record<string, number>;
  expect(counts).toEqual({
    // Three attempts, and no retry beyond those: nothing multiplies them.
    failures: events * 3,
    deadLettered: events,
    count: 500,
    evicted: events - 500,
    holds: true,
  });
  expect(storeBytes).toBeLessThan(500 * 8192);
  // Letters that were kept would come to more than twice that.
  expect(grownBytes).toBeLessThan(24 * 2 ** 20);
}, 120_000);
