/** Promise: a full collection while nothing is under way does not send deliveries back to the interpreter. */
import { expect, it } from 'vitest';
import { runChild } from './fixtures/run-child.ts';

/** Functions that every delivery goes through; V8 names what it throws away. */
const HOT = /SharedFunctionInfo (?:step|deliver|follow|track|fulfilled|finish|DeliveredEvent|DeliveryContext|RunningAttempt)>/;

it('compiled code of deliveries outlives a full collection', async () => {
  const lines = await runChild('./stays-compiled.mjs');
  expect(lines.at(-1)).toBe('end');
  expect(lines.filter((line) => line.includes('weak objects') && HOT.test(line))).toEqual([]);
}, 120_000);
