/** Promise: a delivery that is over leaves nothing that outlives a minor collection, in whatever way its handler went on after its turn. */
import { expect, it } from 'vitest';
import { runChild } from './fixtures/run-child.ts';

/** What is kept of a delivery is more than a kilobyte; counters, tables of the platform and code come to some tens of bytes per event. */
const KEPT_BYTES = 400;

it('deliveries that are over leave nothing that outlives a minor collection', async () => {
  const [line = ''] = await runChild('./short-lived.mjs');
  const bytes = Object.entries(JSON.parse(line) as Record<string, number>);
  expect(bytes.length).toBeGreaterThan(10);
  expect(bytes.filter(([, kept]) => kept >= KEPT_BYTES)).toEqual([]);
}, 120_000);
