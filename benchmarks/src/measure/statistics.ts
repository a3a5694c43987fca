/**
 * The few statistics the reports use. Medians, because one preempted slice on a shared machine can be off by a factor of three.
 * Thread: any.
 */

/** Value below which `fraction` of the sample lies (linear interpolation), or null for an empty sample. */
export function quantile(sample: readonly number[], fraction: number): number | null {
  if (sample.length === 0) return null;
  const sorted = [...sample].sort((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** Middle value of a sample, or null for an empty one. */
export function median(sample: readonly number[]): number | null {
  return quantile(sample, 0.5);
}

/** Ratios of values that were measured in the same round; a round that lacks either value gives none. */
export function pairedRatios(values: ReadonlyMap<number, number>, baseline: ReadonlyMap<number, number>): number[] {
  const ratios: number[] = [];
  for (const [round, value] of values) {
    const base = baseline.get(round);
    if (base !== undefined && base > 0) ratios.push(value / base);
  }
  return ratios;
}

/** Rounds to `digits` significant digits for reports; null stays null. */
export function significant(value: number | null, digits = 4): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(digits));
}
