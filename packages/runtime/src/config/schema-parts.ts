/** Parts that several sections of the configuration are made of. Thread: any. */
import * as z from 'zod';

export const KIB = 1024;
export const MIB = 1024 * KIB;
/** Longest period a key may name: a day. Timers of the platform overflow at 24.8 days. */
const PERIOD_MS_MAX = 86_400_000;

/** An integer of a range. */
export const integer = (min: number, max: number) => z.int().min(min).max(max);

/** Milliseconds, from 1 to a day. */
export const periodMs = () => integer(1, PERIOD_MS_MAX);
