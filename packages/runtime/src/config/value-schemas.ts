/**
 * Kinds of values that several keys of the configuration share.
 * Thread: any.
 */
import * as z from 'zod';

/** Longest period a key may name: a day. Timers of the platform overflow at 24.8 days. */
const PERIOD_MS_MAX = 86_400_000;

/** An integer in a range, both ends included. */
export const integer = (min: number, max: number) => z.int().min(min).max(max);

/** A period in milliseconds. */
export const periodMs = () => integer(1, PERIOD_MS_MAX);
