/**
 * Requests of the measuring process to a contender's process, one at a time, and the answers.
 * Thread: any; sent over the process channel as JSON.
 */
import type { LatencyBuckets } from '../measure/latency-samples.ts';
import type { ScenarioName } from '../workload/scenarios.ts';

export type ChildRequest =
  | { readonly op: 'start'; readonly contender: string; readonly scenario: ScenarioName; readonly spinIterations: number }
  | { readonly op: 'slice'; readonly sliceMs: number }
  | { readonly op: 'paced'; readonly sliceMs: number }
  | { readonly op: 'flood'; readonly seconds: number; readonly warmUpMs: number }
  | { readonly op: 'idle'; readonly seconds: number }
  | { readonly op: 'stop' };

/** One slice of one contender. */
export interface SliceResult {
  readonly events: number;
  readonly seconds: number;
  /** CPU of the main thread in microseconds, null where the system does not say. */
  readonly mainCpuUs: number | null;
  readonly processCpuUs: number;
  /** Cost of the spinning handler, measured in its thread right before and after the slice; 0 for other handlers. */
  readonly handlerUs: number;
  readonly latency: LatencyBuckets;
}

export interface FloodResult {
  readonly seconds: number;
  readonly accepted: number;
  readonly refused: number;
  /** Growth of resident memory over its value before the flood, at its highest. */
  readonly rssGrowthMb: number;
  /** True when the flood was cut short because memory reached the cap. */
  readonly rssCapReached: boolean;
  readonly mainCpuUs: number | null;
  /** Events handled by the end, with a matching checksum; null when the backlog was too long to wait for. */
  readonly handled: number | null;
}

export interface IdleResult {
  /** CPU of the whole process as a share of one core, 0 to 1. */
  readonly cpuShare: number;
}

export type ChildResult = SliceResult | FloodResult | IdleResult | null;

export type ChildAnswer = { readonly ok: true; readonly result: ChildResult } | { readonly ok: false; readonly reason: string };
