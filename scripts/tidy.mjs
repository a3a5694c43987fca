/**
 * The style of this repository as a failing test (CONTRIBUTING.md says why each rule exists).
 * Every rule is one function over one parsed file that reports findings with file and line; rules over the whole tree stand in
 * `lib/tree-rules.mjs`.
 */
import path from 'node:path';
import { Findings } from './lib/findings.mjs';
import { source, walk } from './lib/source.mjs';
import { checkErrorCodes, checkManifest, checkNoAddresses } from './lib/tree-rules.mjs';
import { filesUnder, workspaceFolders } from './lib/workspace.mjs';

const FILE_LINES_MAX = 350;
const FILE_LINES_GOOD = 250;
const FUNCTION_LINES_MAX = 60;
const LONG_FUNCTION_MARK = 'tidy: hot loop';
/** The one file of the tests that starts runtimes; it settles the account of each. */
const OPEN_RUNTIME = /\/test\/open-runtime\.ts$/;
const OWN_RUNTIME_MARK = /tidy: own runtime: \S/;

const findings = new Findings();

const sources = workspaceFolders().flatMap((folder) => filesUnder(`${folder}/src`, /\.ts$/));
const shipped = sources.filter((file) => file.startsWith('packages/'));
const tests = ['packages', 'benchmarks', 'scripts']
  .flatMap((folder) => filesUnder(folder, /\.ts$/))
  .filter((file) => file.includes('/test/'));
const fixtures = ['packages', 'benchmarks', 'scripts']
  .flatMap((folder) => filesUnder(folder, /\.mjs$/))
  .filter((file) => file.includes('/test/'));
const scripts = filesUnder('scripts', /\.mjs$/);

for (const file of sources) {
  checkModuleComment(file);
  checkLength(file);
  checkFunctions(file);
  checkIndex(file);
  checkTypes(file);
}
for (const file of shipped) {
  checkAtomics(file);
  checkTimeAndChance(file);
}
for (const file of tests) {
  checkTypes(file);
  if (file.endsWith('.test.ts')) checkTest(file);
}
for (const file of [...tests, ...fixtures]) checkAccount(file);
for (const file of scripts) {
  checkModuleComment(file);
  checkLength(file);
  checkFunctions(file);
}
for (const file of [...sources, ...tests, ...scripts]) {
  checkName(file);
  checkUnfinished(file);
}
for (const folder of workspaceFolders()) checkManifest(findings, folder);
checkErrorCodes(findings, shipped);
checkNoAddresses(findings);
findings.finish('tidy');

/** A file opens with a comment that says what it is; `index.ts` only lists and needs none. */
function checkModuleComment(file) {
  if (path.posix.basename(file) === 'index.ts') return;
  const text = source(file).text.replace(/^#!.*\n/, '');
  if (!text.startsWith('/**')) findings.error(file, 1, 'starts without a module comment (/** what it is, thread, invariant */)');
}

function checkLength(file) {
  const { lineCount } = source(file);
  if (lineCount > FILE_LINES_MAX) findings.error(file, undefined, `has ${lineCount} lines (allowed: ${FILE_LINES_MAX})`);
  else if (lineCount > FILE_LINES_GOOD) findings.warn(file, `has ${lineCount} lines; files read best below ${FILE_LINES_GOOD}`);
}

/** Counts a function's own lines: those of functions nested in it are their own. */
function checkFunctions(file) {
  const { program, comments, lineOf } = source(file);
  const marks = comments.filter((comment) => comment.value.includes(LONG_FUNCTION_MARK)).map((comment) => lineOf(comment.end));
  const visit = (owner) => {
    let nestedLines = 0;
    walk(owner, (node) => {
      if (node === owner || !/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return true;
      nestedLines += visit(node);
      return false;
    });
    if (owner.type === 'Program') return 0;
    const first = lineOf(owner.start);
    const last = lineOf(owner.end);
    const ownLines = last - first + 1 - nestedLines;
    const marked = marks.some((line) => line >= first - 2 && line <= last);
    if (ownLines > FUNCTION_LINES_MAX && !marked) {
      findings.error(
        file,
        first,
        `this function has ${ownLines} lines of its own (allowed: ${FUNCTION_LINES_MAX}, or say "// ${LONG_FUNCTION_MARK}")`,
      );
    }
    return last - first;
  };
  visit(program);
}

/** An index lists what a package offers; code in it would hide. */
function checkIndex(file) {
  if (path.posix.basename(file) !== 'index.ts') return;
  const { program, lineOf } = source(file);
  for (const statement of program.body) {
    const exportsOther =
      statement.type === 'ExportAllDeclaration' || (statement.type === 'ExportNamedDeclaration' && statement.source !== null);
    const exportsNothing =
      statement.type === 'ExportNamedDeclaration' && statement.declaration === null && statement.specifiers.length === 0;
    if (!exportsOther && !exportsNothing) findings.error(file, lineOf(statement.start), 'an index.ts only re-exports');
  }
}

/** No `any`, and no `!` without a comment on its line or the one before. */
function checkTypes(file) {
  const { program, comments, lineOf } = source(file);
  const commented = new Set(comments.flatMap((comment) => [lineOf(comment.end), lineOf(comment.end) + 1]));
  walk(program, (node) => {
    if (node.type === 'TSAnyKeyword')
      findings.error(file, lineOf(node.start), '`any` switches the compiler off; use unknown and narrow it');
    if (node.type === 'TSNonNullExpression' && !commented.has(lineOf(node.end))) {
      findings.error(file, lineOf(node.start), '`!` needs a comment that says why the value is there');
    }
    return true;
  });
}

/** One file names `Atomics`, so that a simulated memory can stand in for it everywhere. */
function checkAtomics(file) {
  if (file === 'packages/ring/src/atomics.ts') return;
  const { program, lineOf } = source(file);
  walk(program, (node) => {
    if (node.type === 'Identifier' && node.name === 'Atomics') {
      findings.error(file, lineOf(node.start), 'only packages/ring/src/atomics.ts names Atomics; take an AtomicsPort');
    }
    return true;
  });
}

/** Time and chance come in through ports, so that tests decide both. */
function checkTimeAndChance(file) {
  if (file === 'packages/core/src/clock.ts' || file === 'packages/core/src/random.ts') return;
  const { program, lineOf } = source(file);
  const forbidden = new Set([
    'Date.now',
    'performance.now',
    'Math.random',
    'process.hrtime',
    'crypto.getRandomValues',
    'crypto.randomUUID',
  ]);
  walk(program, (node) => {
    const called =
      node.type === 'MemberExpression' && node.object.type === 'Identifier' ? `${node.object.name}.${node.property.name}` : '';
    const dated = node.type === 'NewExpression' && node.callee.name === 'Date' && node.arguments.length === 0;
    const imported = node.type === 'ImportDeclaration' && node.source.value === 'node:perf_hooks';
    if (forbidden.has(called) || dated || imported) {
      findings.error(
        file,
        lineOf(node.start),
        `${dated ? 'new Date()' : called || 'node:perf_hooks'}: take a Clock or a Random of core instead`,
      );
    }
    return true;
  });
}

/** A test is never narrowed, skipped, retried or timed by sleeping. */
function checkTest(file) {
  const { program, lineOf } = source(file);
  const report = (node, message) => findings.error(file, lineOf(node.start), message);
  walk(program, (node, parent) => {
    if (
      node.type === 'MemberExpression' &&
      /^(?:it|test|describe|suite)$/.test(node.object.name) &&
      /^(?:only|skip|todo|fails)$/.test(node.property.name)
    ) {
      report(node, `${node.object.name}.${node.property.name}: every test runs, always`);
    }
    // A number is an option of the test; anything else is the runtime's own option of that name.
    if (node.type === 'Property' && node.key.name === 'retry' && typeof node.value.value === 'number')
      report(node, 'a test that needs a retry hides a fault');
    if (node.type === 'ImportDeclaration' && node.source.value.endsWith('timers/promises'))
      report(node, 'no sleeps in tests; wait for the fact itself');
    if (isSleep(node, parent)) report(node, 'no sleeps in tests; wait for the fact itself');
    return true;
  });
}

/** A test that starts a runtime by itself would not see what the runtime lost. */
function checkAccount(file) {
  if (OPEN_RUNTIME.test(file)) return;
  const { program, comments, lineOf } = source(file);
  if (comments.some((comment) => OWN_RUNTIME_MARK.test(comment.value))) return;
  walk(program, (node) => {
    if (node.type === 'ImportSpecifier' && node.imported.name === 'createRuntime') {
      findings.error(
        file,
        lineOf(node.start),
        'start it with openRuntime (packages/runtime/test/open-runtime.ts), or say "// tidy: own runtime: why"',
      );
    }
    return true;
  });
}

/** `new Promise((resolve) => setTimeout(resolve, …))` in any of its spellings: a promise whose executor does nothing but set a timer. */
function isSleep(node) {
  if (node.type !== 'NewExpression' || node.callee.name !== 'Promise') return false;
  const [executor] = node.arguments;
  if (executor?.type !== 'ArrowFunctionExpression' && executor?.type !== 'FunctionExpression') return false;
  const { body } = executor;
  const only = body.type === 'BlockStatement' && body.body.length === 1 ? (body.body[0].expression ?? body.body[0]) : body;
  return only.type === 'CallExpression' && only.callee.name === 'setTimeout';
}

/** Files are named after what they export, in kebab-case. */
function checkName(file) {
  const name = path.posix.basename(file).replace(/(?:\.d)?\.(?:ts|mjs)$/, '');
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(name)) findings.error(file, undefined, 'is not named in kebab-case');
  if (/(?:^|-)(?:utils?|common|misc|helpers?|managers?)(?:$|[-.])/.test(name))
    findings.error(file, undefined, 'has a name that says nothing');
}

function checkUnfinished(file) {
  const { comments, lineOf } = source(file);
  for (const comment of comments) {
    if (/\b(?:TODO|FIXME|XXX|HACK)\b/.test(comment.value))
      findings.error(file, lineOf(comment.start), 'unfinished work belongs in an issue');
  }
}
