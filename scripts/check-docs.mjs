/**
 * Documentation as a failing test.
 * 1. Every symbol that an entry of a package exports has a doc comment.
 * 2. `{@link X}` names something that exists: in the file, in a package of the workspace or in the platform.
 * 3. Links in the documents lead to files, and to headings, that exist.
 * 4. Code blocks that start with ```ts check compile against the built packages. `file=NAME.ts` names a block, so that later blocks of
 *    the same document can import it.
 * 5. The monitoring guide names every metric and every `system.` event, and the troubleshooting guide none that does not exist.
 * 6. The catalogue of errors has every code, with its meaning.
 * 7. The page on the architecture names every file of the folders where a reader needs a map most.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { declaredNames, entriesOf, exportedSymbols } from './lib/exports.mjs';
import { Findings } from './lib/findings.mjs';
import { checkErrorGuide } from './lib/guides.mjs';
import { checkMetricsGuide } from './lib/metrics-guide.mjs';
import { source } from './lib/source.mjs';
import { filesUnder, packages, readText, root, workspaceFolders } from './lib/workspace.mjs';

/** Blocks compile where `ringmain` and its dependencies resolve as they do for a user who installed them. */
const SNIPPETS = 'packages/runtime/.cache/snippets';

/** Folders of which the page on the architecture names every file. */
const MAP = 'docs/architecture.md';
const MAPPED = ['packages/runtime/src/deliver', 'packages/runtime/src/publish/overflow', 'packages/policy/src'];

const findings = new Findings();
const exportedAnywhere = new Set();

for (const each of packages()) {
  for (const [, entry] of entriesOf(each)) {
    for (const [name, symbol] of exportedSymbols(entry)) {
      exportedAnywhere.add(name);
      checkComment(name, symbol);
    }
  }
}
for (const folder of workspaceFolders()) for (const file of filesUnder(`${folder}/src`, /\.ts$/)) checkSymbolLinks(file);

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...filesUnder('docs', /\.md$/),
  ...filesUnder('packages', /^README\.md$/),
];
const blocks = [];
for (const file of new Set(documents)) {
  if (!existsSync(path.join(root, file))) continue;
  checkLinks(file);
  blocks.push(...checkedBlocks(file));
}
compile(blocks);
checkMetricsGuide(findings);
checkErrorGuide(findings);
for (const folder of MAPPED) checkMap(folder);
findings.finish('docs');

function checkMap(folder) {
  const files = filesUnder(folder, /\.ts$/);
  const map = files.length === 0 ? '' : readText(MAP);
  for (const file of files) {
    const name = path.posix.basename(file);
    if (name !== 'index.ts' && !map.includes(`\`${name}\``)) findings.error(MAP, 1, `${file} is not named`);
  }
}

function checkComment(name, { file, node }) {
  if (!isDocumented(file, node))
    findings.error(file, source(file).lineOf(node.start), `\`${name}\` is exported and has no doc comment`);
}

/**
 * A doc comment stands directly before the statement. The one at the top of a file is the module's own. Constants in consecutive lines
 * form a table and share the comment of the first.
 */
function isDocumented(file, node) {
  const { comments, program, text } = source(file);
  const own = comments.find(({ type, value, start, end }) => {
    return (
      type === 'Block' && value.startsWith('*') && start > 0 && end <= node.start && text.slice(end, node.start).trim() === ''
    );
  });
  if (own !== undefined) return true;
  const above = program.body[program.body.indexOf(node) - 1];
  const inTable = above?.declaration?.type === 'VariableDeclaration' && !text.slice(above.end, node.start).includes('\n\n');
  return inTable && isDocumented(file, above);
}

function checkSymbolLinks(file) {
  const { comments, program, module, lineOf } = source(file);
  const here = new Set(program.body.flatMap((statement) => declaredNames(statement.declaration ?? statement)));
  for (const statement of module.staticImports) for (const { localName } of statement.entries) here.add(localName.value);
  for (const comment of comments) {
    for (const { groups } of comment.value.matchAll(/\{@link\s+(?<target>[^\s}|]+)/g)) {
      const [name] = groups.target.split(/[.#(]/);
      const known = here.has(name) || exportedAnywhere.has(name) || name in globalThis || /^[a-z]+:/.test(groups.target);
      if (!known) findings.error(file, lineOf(comment.start), `{@link ${groups.target}} leads nowhere`);
    }
  }
}

function checkLinks(file) {
  const prose = readText(file).replace(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ' '));
  for (const match of prose.matchAll(/\]\((?<target>[^)\s]+)(?:\s+"[^"]*")?\)/g)) {
    const { target } = match.groups;
    if (/^[a-z]+:/i.test(target)) continue;
    const line = prose.slice(0, match.index).split('\n').length;
    const [to, heading] = target.split('#');
    const linked = to === '' ? file : path.posix.join(path.posix.dirname(file), decodeURI(to));
    if (!existsSync(path.join(root, linked))) findings.error(file, line, `the link ${target} leads to no file`);
    else if (heading && !hasHeading(linked, heading)) findings.error(file, line, `the link ${target} leads to no heading`);
  }
}

/** Headings as they are linked: lower case, spaces as hyphens, other punctuation left out. */
function hasHeading(file, heading) {
  if (!file.endsWith('.md') || statSync(path.join(root, file)).isDirectory()) return true;
  const lines = readText(file).split('\n');
  const anchors = lines
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) => line.replace(/^#+ /, '').trim().toLowerCase())
    .map((text) => text.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-'));
  return anchors.includes(heading.toLowerCase());
}

/** The blocks of a document that are to be compiled, each with the line it starts on. */
function checkedBlocks(file) {
  const found = [];
  const text = readText(file);
  for (const match of text.matchAll(/^```ts check(?<info>[^\n]*)\n(?<code>[\s\S]*?)^```/gm)) {
    const line = text.slice(0, match.index).split('\n').length;
    const name = /\bfile=(?<name>[\w.-]+\.ts)\b/.exec(match.groups.info)?.groups.name ?? `block-at-${line}.ts`;
    found.push({ file, line, folder: file.replaceAll(/[^A-Za-z0-9]+/g, '-'), name, code: match.groups.code });
  }
  return found;
}

function compile(blocksToCheck) {
  const folder = path.join(root, SNIPPETS);
  rmSync(folder, { recursive: true, force: true });
  if (blocksToCheck.length === 0) return;
  for (const block of blocksToCheck) {
    mkdirSync(path.join(folder, block.folder), { recursive: true });
    writeFileSync(path.join(folder, block.folder, block.name), `${block.code}\nexport {};\n`);
  }
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noUnusedLocals: false,
    // Nothing that ships depends on it, so it does not resolve by itself.
    paths: { '@ringmain/testkit': ['../../../testkit/dist/index.d.ts'] },
  };
  const depth = '../'.repeat(SNIPPETS.split('/').length);
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: `${depth}tsconfig.base.json`, compilerOptions, include: ['.'] }),
  );
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', '.', '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
  for (const line of stdout.split('\n')) {
    const match = /^(?<place>[^(]+)\((?<line>\d+),\d+\): (?<message>.*)$/.exec(line);
    if (match === null) continue;
    const block = blocksToCheck.find((each) => `${each.folder}/${each.name}` === match.groups.place);
    findings.error(block?.file ?? SNIPPETS, (block?.line ?? 0) + Number(match.groups.line), match.groups.message);
  }
}
