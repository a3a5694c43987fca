/**
 * The section of the configuration about repeats.
 * Thread: any.
 */
import * as z from 'zod';
import { integer, periodMs } from './schema-parts.ts';

const EVENTS_MAX = 16_777_216;

/** What groups with `dedupe: true` remember. */
export const dedupe = z
  .strictObject({
    windowMs: periodMs()
      .default(120_000)
      .describe('Time for which a handled event is remembered, in milliseconds, to a tenth of a second.'),
    events: integer(1, EVENTS_MAX)
      .default(100_000)
      .describe(
        'Handled events that each shard remembers, those of all its groups together; the oldest make room for newer ones.',
      ),
  })
  .prefault({})
  .describe('What groups with `dedupe: true` remember, to recognise repeats.');
