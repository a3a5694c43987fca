/** Plain text tables, first column left, the others right. Thread: any. */

/** Renders rows under headings. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A rate for people: 9.41M, 372k, 4700. */
export function rateText(perSecond: number | null): string {
  if (perSecond === null) return '-';
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)}M`;
  return perSecond >= 1e4 ? `${Math.round(perSecond / 1e3)}k` : String(Math.round(perSecond));
}

/** A number with a sensible number of digits, or a dash. */
export function numberText(value: number | null | undefined, unit = ''): string {
  if (value === null || value === undefined) return '-';
  const size = Math.abs(value);
  return `${value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)}${unit}`;
}
