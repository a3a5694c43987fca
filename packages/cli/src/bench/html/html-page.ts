/**
 * A report as one HTML file that needs nothing else: no network, no script. Readable in light and dark, on paper and by screen
 * readers; every plot is followed by its numbers.
 * Thread: any; pure.
 */
import { escapeText } from './escape-text.ts';
import { PAGE_STYLE } from './page-style.ts';
import type { Plot } from './svg-plot.ts';
import { svgKey, svgPlot } from './svg-plot.ts';

/** Rows of a table of plotted numbers; more are thinned. */
const NUMBER_ROWS_MAX = 60;

/** A table: the first row is the header, the first column names the row. */
export interface PageTable {
  readonly caption: string;
  readonly rows: readonly (readonly string[])[];
}

/** A part of a page. */
export interface PageSection {
  readonly heading: string;
  readonly text?: string;
  readonly tables: readonly PageTable[];
  readonly plots: readonly Plot[];
}

/** A whole report. */
export interface Page {
  readonly title: string;
  readonly text: string;
  readonly sections: readonly PageSection[];
}

/** Writes the page. */
export function htmlPage({ title, text, sections }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeText(title)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeText(title)}</h1>
<p>${escapeText(text)}</p>
</header>
<main>
${sections.map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

function sectionHtml({ heading, text, tables, plots }: PageSection, index: number): string {
  return `<section>
<h2>${escapeText(heading)}</h2>
${text === undefined ? '' : `<p>${escapeText(text)}</p>`}
${tables.map(tableHtml).join('\n')}
${plots.map((plot, place) => plotHtml(plot, `plot-${index}-${place}`)).join('\n')}
</section>`;
}

function tableHtml({ caption, rows: [header = [], ...rows] }: PageTable): string {
  const cells = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? `<th scope="row">${escapeText(cell)}</th>` : `<td>${escapeText(cell)}</td>`))
      .join('');
  return `<div class="wide"><table>
<caption>${escapeText(caption)}</caption>
<thead><tr>${header.map((cell) => `<th scope="col">${escapeText(cell)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}
</tbody>
</table></div>`;
}

function plotHtml(plot: Plot, id: string): string {
  const legend = plot.series.map(({ name }, index) => `<li>${svgKey(plot.kind, index)} ${escapeText(name)}</li>`);
  return `<figure>
<figcaption>${escapeText(plot.title)}</figcaption>
<ul class="legend">${legend.join('')}</ul>
${svgPlot(plot, id)}
<details><summary>Numbers</summary>
${tableHtml(numbersOf(plot))}
</details>
</figure>`;
}

function numbersOf({ title, seconds, series, format }: Plot): PageTable {
  const every = Math.max(1, Math.ceil(seconds.length / NUMBER_ROWS_MAX));
  const rows = seconds.flatMap((second, index) => {
    if (index % every !== 0) return [];
    const values = series.map(({ values: all }) => all[index] ?? null);
    return [[`${second.toFixed(1)} s`, ...values.map((value) => (value === null ? '-' : format(value)))]];
  });
  const caption = every === 1 ? title : `${title}, one look in ${every}`;
  return { caption, rows: [['time', ...series.map(({ name }) => name)], ...rows] };
}
