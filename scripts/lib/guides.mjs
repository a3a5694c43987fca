/**
 * Pages that name things of the code, against the code: the catalogue of errors has every code with its own meaning, and the troubleshooting guide names
 * no metric and no event that does not exist.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readText, root } from './workspace.mjs';

const ERRORS = 'docs/errors.md';
const CATALOGUE = 'packages/core/src/errors.ts';
const TROUBLES = 'docs/guides/troubleshooting.md';

/** Reports codes that the page misses, has too many, or explains otherwise than the catalogue. */
export function checkErrorGuide(findings) {
  if (!existsSync(path.join(root, CATALOGUE))) return;
  const catalogue = new Map(
    [...readText(CATALOGUE).matchAll(/^ {2}(?<code>RINGMAIN_[A-Z_]+): '(?<text>[^']+)',$/gm)].map(({ groups }) => [
      groups.code,
      groups.text,
    ]),
  );
  if (!existsSync(path.join(root, ERRORS))) {
    findings.error(ERRORS, undefined, 'does not exist, although there are errors');
    return;
  }
  const rows = new Map();
  for (const { cells, line } of rowsOf(readText(ERRORS), 'code')) {
    const code = cells[0].replaceAll('`', '');
    if (rows.has(code)) findings.error(ERRORS, line, `${code} stands here twice`);
    rows.set(code, { cells, line });
    if (!catalogue.has(code)) findings.error(ERRORS, line, `there is no code ${code}`);
    else if (cells[1] !== catalogue.get(code)) findings.error(ERRORS, line, `${code} means: ${catalogue.get(code)}`);
    if (cells.length !== 4 || cells.some((cell) => cell === ''))
      findings.error(ERRORS, line, `${code} needs a when and a what to do`);
  }
  for (const code of catalogue.keys()) if (!rows.has(code)) findings.error(ERRORS, undefined, `does not say what ${code} is`);
}

/**
 * Reports metrics and events that the guide names and that do not exist.
 *
 * @param known - all there are, as the monitoring guide writes them
 */
export function checkTroubleshooting(findings, known) {
  if (!existsSync(path.join(root, TROUBLES))) return;
  for (const { cells, line } of rowsOf(readText(TROUBLES), 'symptom')) {
    if (cells.length !== 3) findings.error(TROUBLES, line, 'a row has a symptom, a metric and an action');
    for (const { groups } of (cells[1] ?? '').matchAll(/`(?<name>[^`]+)`/g)) {
      if (!known.has(groups.name)) findings.error(TROUBLES, line, `there is no \`${groups.name}\``);
    }
  }
}

/** Rows of all tables whose heading begins with a word. */
function rowsOf(text, heading) {
  const rows = [];
  let current;
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.startsWith('| ')) {
      if (!/^\|[-|: ]+$/.test(line)) current = undefined;
      continue;
    }
    const cells = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    if (current === undefined) [current] = cells;
    else if (current === heading) rows.push({ cells, line: index + 1 });
  }
  return rows;
}
