/**
 * Draws a plot over time as SVG: lines, or areas on top of each other. No script and no DOM; colours come from the page's style.
 * Thread: any; pure.
 */
import { escapeText } from './escape-text.ts';
import type { PlotScale } from './plot-scale.ts';
import { bytesScale, linearScale, logScale, timeScale } from './plot-scale.ts';

/** Values over time; null where there is none. */
export interface PlotSeries {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

/** What a plot shows. */
export interface Plot {
  readonly title: string;
  /** One sentence on what is seen, for those who cannot see it, too. */
  readonly description: string;
  /** `stacked` adds the series up. */
  readonly kind: 'lines' | 'stacked';
  /** The upright axis; on a logarithmic one, zeros are left out. @defaultValue `'linear'` */
  readonly axis?: 'linear' | 'logarithmic' | 'bytes';
  /** Seconds of all series. */
  readonly seconds: readonly number[];
  readonly series: readonly PlotSeries[];
  readonly format: (value: number) => string;
}

/** Styles the page defines; further series begin again. */
export const SERIES_STYLES = 8;

const WIDTH = 760;
const HEIGHT = 260;
const LEFT = 84;
const RIGHT = WIDTH - 12;
const TOP = 12;
const BOTTOM = HEIGHT - 34;

/**
 * Draws the plot.
 *
 * @param id - unique in the page
 */
export function svgPlot(plot: Plot, id: string): string {
  const x = timeScale(Math.max(0, ...plot.seconds), LEFT, RIGHT, 8);
  const y = upright(plot);
  const drawn = plot.kind === 'stacked' ? areas(plot, x, y) : lines(plot, x, y);
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${escapeText(plot.title)}</title>
<desc id="${id}-desc">${escapeText(plot.description)}</desc>
${axes(plot, x, y)}
${drawn}
</svg>`;
}

/** A sample of a series' line, for the legend. */
export function svgKey(kind: Plot['kind'], series: number): string {
  const style = `s${series % SERIES_STYLES}`;
  const mark =
    kind === 'stacked' ? `<rect class="area ${style}" width="24" height="10"/>` : `<path class="line ${style}" d="M0 5H24"/>`;
  return `<svg class="key" viewBox="0 0 24 10" width="24" height="10" aria-hidden="true">${mark}</svg>`;
}

function upright({ kind, series, seconds, axis = 'linear' }: Plot): PlotScale {
  if (axis === 'logarithmic') {
    const values = series.flatMap((each) => each.values).filter((value): value is number => value !== null && value > 0);
    return logScale(values.reduce(smaller, values[0] ?? 1), values.reduce(larger, values[0] ?? 10), BOTTOM, TOP);
  }
  const tops = seconds.map((_, index) => {
    const values = series.map((each) => each.values[index] ?? 0);
    return kind === 'stacked' ? values.reduce((sum, value) => sum + value, 0) : values.reduce(larger, 0);
  });
  const scale = axis === 'bytes' ? bytesScale : linearScale;
  return scale(tops.reduce(larger, 0), BOTTOM, TOP, 5);
}

function axes({ format }: Plot, x: PlotScale, y: PlotScale): string {
  const rows = y.ticks.map((tick) => {
    const at = px(y.at(tick));
    return `<path class="grid" d="M${LEFT} ${at}H${RIGHT}"/><text class="tick end" x="${LEFT - 8}" y="${at}" dy="0.32em">${escapeText(format(tick))}</text>`;
  });
  const columns = x.ticks.map((tick) => {
    const at = px(x.at(tick));
    return `<path class="grid" d="M${at} ${TOP}V${BOTTOM}"/><text class="tick middle" x="${at}" y="${BOTTOM + 18}">${Number(tick.toFixed(3))} s</text>`;
  });
  return [...rows, ...columns].join('\n');
}

function lines({ seconds, series, axis }: Plot, x: PlotScale, y: PlotScale): string {
  return series
    .map(({ values }, index) => {
      let pen = 'M';
      const steps = values.map((value, at) => {
        const gap = value === null || (axis === 'logarithmic' && value <= 0);
        const step = gap ? '' : `${pen}${px(x.at(seconds[at] ?? 0))} ${px(y.at(value))}`;
        pen = gap ? 'M' : 'L';
        return step;
      });
      return `<path class="line s${index % SERIES_STYLES}" d="${steps.join('')}"/>`;
    })
    .join('\n');
}

function areas({ seconds, series }: Plot, x: PlotScale, y: PlotScale): string {
  let floor = seconds.map(() => 0);
  return series
    .map(({ values }, index) => {
      const below = floor;
      const above = below.map((value, at) => value + (values[at] ?? 0));
      floor = above;
      const point = (value: number, at: number): string => `${px(x.at(seconds[at] ?? 0))} ${px(y.at(value))}`;
      const outline = [...above.map(point), ...below.map(point).reverse()];
      return outline.length === 0 ? '' : `<path class="area s${index % SERIES_STYLES}" d="M${outline.join('L')}Z"/>`;
    })
    .join('\n');
}

function px(value: number): string {
  return String(Number(value.toFixed(1)));
}

function smaller(a: number, b: number): number {
  return Math.min(a, b);
}

function larger(a: number, b: number): number {
  return Math.max(a, b);
}
