/** Parts that several sections of the configuration are made of. Thread: any. */
import { DAY_MS } from '@ringmain/core';
import * as z from 'zod';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** An integer of a range. */
export const integer = (min: number, max: number) => z.int().min(min).max(max);

/** Milliseconds, from 1 to a day. */
export const periodMs = () => integer(1, DAY_MS);
