/**
 * The section of the configuration about dead letters.
 * Thread: any.
 */
import { DAY_MS } from '@ringmain/core';
import * as z from 'zod';
import { KIB, MIB, integer } from './schema-parts.ts';

const LETTERS_MAX = 1_000_000;
const BYTES_MAX = 4096 * MIB;

/** What is kept of deliveries that ended without success. */
export const deadLetters = z
  .strictObject({
    max: integer(1, LETTERS_MAX)
      .default(1000)
      .describe('Most letters kept; the oldest make room for newer ones, and are counted.'),
    maxBytes: integer(64 * KIB, BYTES_MAX)
      .default(16 * MIB)
      .describe('Most bytes of all letters together, as far as one letter alone does not take more.'),
    ttlMs: integer(1, 365 * DAY_MS)
      .default(7 * DAY_MS)
      .describe('Time that a letter is kept, in milliseconds.'),
  })
  .prefault({})
  .describe('What is kept of deliveries that ended without success, in the memory of the main thread.');
