/**
 * Axes of a plot: from values to pixels, with round ticks.
 * Thread: any; pure.
 */

/** One axis. */
export interface PlotScale {
  readonly ticks: readonly number[];
  /** Pixel of a value; values outside the axis end at its edge. */
  at(value: number): number;
}

/** Steps people find round. */
const STEPS = [1, 2, 2.5, 5, 10];

/** An even axis from 0 to at least `max`. */
export function linearScale(max: number, fromPx: number, toPx: number, ticksWanted: number): PlotScale {
  const top = max > 0 && Number.isFinite(max) ? max : 1;
  const rough = top / ticksWanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((each) => each * power >= rough) ?? 10);
  const count = Math.ceil(top / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, tick) => tick * step);
  const end = count * step;
  return { ticks, at: (value) => fromPx + (clamp(value, 0, end) / end) * (toPx - fromPx) };
}

/** The same for bytes: the steps are round in KiB, MiB and so on. */
export function bytesScale(max: number, fromPx: number, toPx: number, ticksWanted: number): PlotScale {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(Math.max(max, 1)) / Math.log(1024)));
  const scale = linearScale(max / unit, fromPx, toPx, ticksWanted);
  return { ticks: scale.ticks.map((tick) => tick * unit), at: (value) => scale.at(value / unit) };
}

/** An axis of powers of ten around the values, which are above 0. */
export function logScale(min: number, max: number, fromPx: number, toPx: number): PlotScale {
  const low = Math.floor(Math.log10(Math.max(min, 1e-9)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(max, 1e-9))));
  const ticks = Array.from({ length: high - low + 1 }, (_, tick) => 10 ** (low + tick));
  return { ticks, at: (value) => fromPx + ((clamp(Math.log10(value), low, high) - low) / (high - low)) * (toPx - fromPx) };
}

/** An even axis that ends exactly where the values do. */
export function timeScale(max: number, fromPx: number, toPx: number, ticksWanted: number): PlotScale {
  const end = max > 0 ? max : 1;
  const { ticks } = linearScale(end, 0, 1, ticksWanted);
  return {
    ticks: ticks.filter((tick) => tick <= end * (1 + 1e-9)),
    at: (value) => fromPx + (clamp(value, 0, end) / end) * (toPx - fromPx),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
