/**
 * The lane schedule's options out of the configuration.
 * Thread: any.
 */
import type { LaneScheduleOptions } from '@ringmain/policy';
import { WEIGHT_GROWTH_MAX } from '@ringmain/policy';
import type { RuntimeConfig } from '../config/config-schema.ts';

/** Milliseconds become microseconds, and the window of critical the burst that fills its share of it. */
export function scheduleOptions({ scheduling }: Pick<RuntimeConfig, 'scheduling'>): LaneScheduleOptions {
  const { weights, quantumUs, criticalShareMax, criticalWindowMs, maxWaitMs, outOfTurnMs, adaptive } = scheduling;
  return {
    // Critical is served first, not by weight.
    weights: [1, weights.high, weights.normal, weights.low],
    weightGrowthMax: adaptive ? WEIGHT_GROWTH_MAX : 1,
    quantumUs,
    criticalShareMax,
    criticalBurstUs: criticalShareMax * criticalWindowMs * 1000,
    maxWaitUs: [0, maxWaitMs.high * 1000, maxWaitMs.normal * 1000, maxWaitMs.low * 1000],
    agedIntervalUs: outOfTurnMs * 1000,
  };
}
