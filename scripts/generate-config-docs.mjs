/**
 * Writes what is documented of the configuration and the command line from their definitions:
 *   docs/ringmain.schema.json    the JSON Schema, for editors
 *   docs/configuration.md        the parts between `generated` markers: the table of keys, the exit codes
 * With `--check` writes nothing and fails when a file is not up to date. Needs a build.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { EXIT_CODE_TEXTS } from '../packages/cli/dist/index.js';
import { configJsonSchema, configKeys, isReloadable } from '../packages/runtime/dist/config/index.js';

const root = new URL('../', import.meta.url);

/** Text between the markers of each section. */
const sections = new Map([
  ['keys', keyTable()],
  ['exit-codes', exitCodeTable()],
]);

const outputs = new Map([
  ['docs/ringmain.schema.json', () => `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`],
  ['docs/configuration.md', (current) => replaceSections(current)],
]);

function keyTable() {
  const rows = configKeys().map((key) => {
    const { path, variable, default: value, allowed, description } = key;
    const fallback = value === undefined ? 'not set' : `\`${JSON.stringify(value)}\``;
    return [`\`${path}\``, fallback, allowed, description, isReloadable(key) ? 'reload' : 'restart', `\`${variable}\``];
  });
  return markdownTable(['Key', 'Default', 'Allowed', 'Meaning', 'Changes by', 'Environment variable'], rows);
}

function exitCodeTable() {
  return markdownTable(
    ['Code', 'Meaning'],
    EXIT_CODE_TEXTS.map(([code, text]) => [String(code), text]),
  );
}

function markdownTable(header, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

function replaceSections(text) {
  let result = text;
  for (const [name, content] of sections) {
    const begin = `<!-- generated: ${name} -->`;
    const end = '<!-- end -->';
    const from = result.indexOf(begin);
    const to = result.indexOf(end, from);
    if (from === -1 || to === -1) throw new Error(`docs/configuration.md has no section "${begin} … ${end}"`);
    result = `${result.slice(0, from + begin.length)}\n${content}\n${result.slice(to)}`;
  }
  return result;
}

function readIfThere(url) {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

const check = process.argv.includes('--check');
const stale = [];
for (const [path, build] of outputs) {
  const url = new URL(path, root);
  const current = readIfThere(url);
  const wanted = build(current);
  if (current === wanted) continue;
  stale.push(path);
  if (!check) writeFileSync(url, wanted);
}
if (stale.length > 0) console.log(`${check ? 'not up to date' : 'written'}: ${stale.join(', ')}`);
if (check && stale.length > 0) {
  console.log('Run `node scripts/generate-config-docs.mjs` and commit the result.');
  process.exitCode = 1;
}
