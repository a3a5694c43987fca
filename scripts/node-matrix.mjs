/**
 * `npm run matrix`: runs the suite under every supported major version of Node, one after the other.
 * The binaries come out of npm packages into `.cache/node`, so nothing on the machine changes.
 * `--only 20,24` narrows the versions, `--list` fetches and prints them only, arguments after `--` go to vitest:
 * `npm run matrix -- --only 24 -- packages/ring`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './lib/workspace.mjs';

const SUPPORTED = ['20', '22', '24', '26'];

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const majors = values.only === undefined ? SUPPORTED : values.only.split(',').map((major) => major.trim());
const unknown = majors.filter((major) => !SUPPORTED.includes(major));
if (unknown.length > 0) {
  console.error(`Node ${unknown.join(', ')} is not supported (supported: ${SUPPORTED.join(', ')}).`);
  process.exit(2);
}

const failed = [];
for (const major of majors) {
  const node = fetchNode(major);
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? 'does not start';
  console.log(`\n== Node ${major}: ${version}`);
  if (!version.startsWith(`v${major}.`)) failed.push(major);
  else if (!values.list && runSuite(node) !== 0) failed.push(major);
}
console.log(failed.length === 0 ? `\nNode ${majors.join(', ')}: all passed.` : `\nFailed under Node ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Path of a Node binary of this major version, installed on first use. */
function fetchNode(major) {
  const folder = path.join(root, '.cache', 'node', major);
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const binary = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  // A manifest of its own keeps npm from walking up to the one of the repository.
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const shell = process.platform === 'win32';
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', `${name}@${major}`];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell });
  if (status !== 0 || !existsSync(binary)) {
    console.error(`Node ${major} could not be installed from the package ${name}.`);
    process.exit(1);
  }
  return binary;
}

/** Runs vitest with this binary, which is also the first `node` on the path of whatever the tests start. */
function runSuite(node) {
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` };
  const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
  return spawnSync(node, [vitest, 'run', ...positionals], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}
