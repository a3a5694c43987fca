/**
 * Spends about a microsecond without touching shared memory: each look at a producer's line costs the producer a cache miss.
 * Thread: any; calibrated once per thread by the clock it is given.
 */
import type { Clock } from '@ringmain/core';

const CALIBRATION_ROUNDS = 20_000;
const ROUNDS_MIN = 50;
const ROUNDS_MAX = 5_000;

let sink = 0;

/** Builds a function that relaxes for about `us` microseconds. */
export function createRelax(clock: Clock, us: number): () => void {
  spin(CALIBRATION_ROUNDS);
  const before = clock.monotonicUs();
  spin(CALIBRATION_ROUNDS);
  const perUs = CALIBRATION_ROUNDS / Math.max(1, clock.monotonicUs() - before);
  const rounds = Math.round(Math.min(ROUNDS_MAX, Math.max(ROUNDS_MIN, perUs * us)));
  return () => spin(rounds);
}

function spin(rounds: number): void {
  let value = sink | 1;
  for (let round = 0; round < rounds; round++) value = Math.imul(value, 0x9e3779b1) ^ round;
  // Kept, so that no compiler finds the loop to be without effect.
  sink = value;
}
