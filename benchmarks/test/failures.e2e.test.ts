/** The short form of the run of failures: the default budget bounds the retries of events that always fail. */
import { expect, it } from 'vitest';
import { problemsOf, runPart } from '../dist/failures/failures-command.js';

it('retries stay within the default budget, and whatever fails beyond leaves its letter', async () => {
  const part = await runPart('default', 3000);
  expect(problemsOf(part)).toEqual([]);
  expect(part).toMatchObject({ events: 3000, deadLettered: 3000, letters: 500 });
  // It allows some.
  expect(part.retried).toBeGreaterThan(100);
});

it('says what did not hold', () => {
  const part = { budget: 'open', events: 200_000, calls: 1, retried: 2, retriesMax: 3, deadLettered: 4, letters: 501 } as const;
  expect(problemsOf({ ...part, lettersMax: 500, seconds: 1, grownMb: 30, holds: false })).toHaveLength(6);
});
