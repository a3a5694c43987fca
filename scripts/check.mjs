/**
 * `npm run check`: everything that can be wrong without running the slow tests, one line per step.
 * 1. The build, with the types of the tests, comes first: the other steps read their outputs.
 * 2. The rest runs two at a time; a step that fails prints its output, and the others still run.
 * `npm run check -- lint tidy` runs only the steps named; `npm run check -- --no-tests` all but the tests.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './lib/workspace.mjs';

const AT_ONCE = 2;
const bin = (name) => path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
const script = (name, ...args) => [process.execPath, path.join(root, 'scripts', name), ...args];

const FIRST = [{ name: 'types', command: script('setup.mjs', '--build-only', '--with-tests') }];
const REST = [
  {
    name: 'tests',
    command: [bin('vitest'), 'run', '--project', 'fast', '--reporter', 'dot', '--reporter', './scripts/test-reporter.mjs'],
  },
  { name: 'format', command: [bin('oxfmt'), '--check'] },
  { name: 'lint', command: [bin('oxlint'), '--format', 'unix'] },
  { name: 'layers', command: script('check-layers.mjs') },
  { name: 'tidy', command: script('tidy.mjs') },
  { name: 'unused', command: [bin('knip'), '--no-progress', '--no-config-hints'] },
  { name: 'docs', command: script('check-docs.mjs') },
  { name: 'api', command: script('api-report.mjs') },
];

// Whoever runs all tests next, as continuous integration does, need not run the fast ones twice.
const wanted = process.argv.slice(2).filter((argument) => argument !== '--no-tests');
const withoutTests = process.argv.includes('--no-tests');
const known = [...FIRST, ...REST].map((step) => step.name);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')} (steps: ${known.join(', ')}).`);
  process.exit(2);
}
const isWanted = (step) => (wanted.length === 0 ? !(withoutTests && step.name === 'tests') : wanted.includes(step.name));

let failures = 0;
for (const step of FIRST.filter(isWanted)) await carryOut(step);
const queue = REST.filter(isWanted);
await Promise.all(Array.from({ length: AT_ONCE }, work));
console.log(failures === 0 ? 'All checks passed.' : `${failures} check${failures === 1 ? '' : 's'} failed.`);
process.exitCode = failures === 0 ? 0 : 1;

async function work() {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) await carryOut(step);
}

/** Runs one step, prints its line, and its output when it failed or has warnings. */
async function carryOut({ name, command }) {
  const startedMs = performance.now();
  const { code, output } = await outputOf(command);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const failed = code !== 0;
  console.log(`${failed ? 'failed' : 'ok    '}  ${name.padEnd(8)} ${seconds} s`);
  const shown = failed ? output.trimEnd() : warningsOf(output);
  if (shown !== '') console.log(shown.replaceAll(/^/gm, '        '));
  if (failed) failures += 1;
}

function warningsOf(output) {
  return output
    .split('\n')
    .filter((line) => line.startsWith('warning: '))
    .join('\n');
}

function outputOf([command, ...args]) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32' && command.endsWith('.cmd');
    const child = spawn(command, args, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
