/**
 * `npm run coverage`: runs the suite with the coverage of V8 itself, which also counts worker threads, and holds it against thresholds.
 * Arguments go to vitest: `npm run coverage -- packages/ring`. A partial run prints its figures and holds them against nothing.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { root } from './lib/workspace.mjs';

const THRESHOLD_PERCENT = '80';
const raw = path.join(root, 'coverage', 'raw');
const modules = path.join(root, 'node_modules');
const filters = process.argv.slice(2);

rmSync(path.join(root, 'coverage'), { recursive: true, force: true });
const tested = run([path.join(modules, 'vitest', 'vitest.mjs'), 'run', ...filters], { ...process.env, NODE_V8_COVERAGE: raw });

const thresholds = ['lines', 'functions', 'branches', 'statements'].flatMap((kind) => [`--${kind}`, THRESHOLD_PERCENT]);
const reported = run([
  path.join(modules, 'c8', 'bin', 'c8.js'),
  'report',
  `--temp-directory=${raw}`,
  '--reporter=text',
  '--reporter=lcovonly',
  '--exclude-after-remap',
  '--include=packages/*/src/**',
  '--exclude=packages/*/test/**',
  ...(filters.length === 0 ? ['--check-coverage', ...thresholds] : []),
]);
process.exitCode = tested || reported;

function run(args, env = process.env) {
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}
