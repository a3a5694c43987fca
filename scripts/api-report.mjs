/**
 * The public types of every package as text, one file per package in `docs/api`, so that a change of the API shows in review.
 * The text is what the compiler declares (internal symbols are stripped), without comments and private members, module by module.
 * Without arguments the report is compared; `--update` (`npm run api`) writes it.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { entriesOf, exportedSymbols } from './lib/exports.mjs';
import { Findings } from './lib/findings.mjs';
import { source, walk } from './lib/source.mjs';
import { packages, readText, root } from './lib/workspace.mjs';

const FOLDER = 'docs/api';
const update = process.argv.includes('--update');
const findings = new Findings();

const reports = new Map(packages().map((each) => [`${FOLDER}/${each.name.replace(/^@[^/]+\//, '')}.d.ts`, reportOf(each)]));
if (update) mkdirSync(path.join(root, FOLDER), { recursive: true });
for (const [file, report] of reports) {
  const current = existsSync(path.join(root, file)) ? readText(file) : undefined;
  if (current === report) continue;
  if (update) writeFileSync(path.join(root, file), report);
  else
    findings.error(
      file,
      firstDifference(current ?? '', report),
      'differs from the declared types; look at the change and run `npm run api`',
    );
}
for (const file of existsSync(path.join(root, FOLDER)) ? readdirSync(path.join(root, FOLDER)) : []) {
  if (reports.has(`${FOLDER}/${file}`)) continue;
  if (update) rmSync(path.join(root, FOLDER, file));
  else findings.error(`${FOLDER}/${file}`, undefined, 'belongs to no package');
}
findings.finish('api');

function reportOf(each) {
  const sections = [`// Public types of ${each.name}. Written by \`npm run api\`; do not edit.`];
  for (const [entry, file] of entriesOf(each)) {
    const symbols = exportedSymbols(file.replace('/src/', '/dist/').replace(/\.ts$/, '.d.ts'));
    const byFile = new Map();
    for (const symbol of symbols.values()) byFile.set(symbol.file, [...(byFile.get(symbol.file) ?? []), symbol]);
    sections.push([`// ---- ${path.posix.join(each.name, entry)} ----`, ...passedOn(file)].join('\n'));
    for (const declaring of [...byFile.keys()].sort()) {
      const nodes = new Set(byFile.get(declaring).map((symbol) => symbol.node));
      sections.push(
        [`// ${declaring.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')}`, ...declarations(declaring, nodes)].join('\n'),
      );
    }
  }
  return `${sections.join('\n\n')}\n`;
}

/** What an entry passes on from other packages, as it stands there. */
function passedOn(file) {
  const { program, text } = source(file);
  const foreign = program.body.filter(
    (node) => /^Export(?:All|Named)Declaration$/.test(node.type) && node.source?.value.startsWith('.') === false,
  );
  return foreign.map((node) => text.slice(node.start, node.end));
}

/** The text of the exported statements of a declaration file, and of the types beside them that they are made of. */
function declarations(file, exported) {
  const { program, text, comments } = source(file);
  const shown = program.body.filter((node) => exported.has(node) || isLocalType(node) || isOverload(node, exported));
  const hidden = comments.map(({ start, end }) => [start, end]);
  for (const node of shown) {
    walk(node, (member) => {
      const isPrivate = member.accessibility === 'private' || member.key?.type === 'PrivateIdentifier';
      if (isPrivate) hidden.push([member.start, member.end]);
      return !isPrivate;
    });
  }
  hidden.sort(([a], [b]) => a - b);
  return shown.map((node) => visibleText(text, node, hidden));
}

function isLocalType(node) {
  return /^TS(?:Interface|TypeAlias)Declaration$/.test(node.type) || node.type === 'VariableDeclaration';
}

/** Only the first signature of an overloaded function is found by name; the others follow it. */
function isOverload(node, exported) {
  const name = node.declaration?.id?.name;
  return node.declaration?.type === 'TSDeclareFunction' && [...exported].some((other) => other.declaration?.id?.name === name);
}

function visibleText(text, node, hidden) {
  let visible = '';
  let at = node.start;
  for (const [start, end] of hidden) {
    if (start < at || end > node.end) continue;
    visible += text.slice(at, start);
    at = end;
  }
  visible += text.slice(at, node.end);
  return visible
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && line.trim() !== ';')
    .join('\n');
}

function firstDifference(current, report) {
  const expected = report.split('\n');
  const actual = current.split('\n');
  const index = expected.findIndex((line, at) => line !== actual[at]);
  return (index === -1 ? expected.length : index) + 1;
}
