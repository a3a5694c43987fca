/**
 * Makes a checkout usable: installs the locked dependencies and builds every package. Needs Node 20 or newer and npm, nothing else.
 * 1. Install only when the lockfile, a manifest or the major version of Node changed since the last install (a stamp says so).
 * 2. Remove outputs whose source is gone, so that a deleted file cannot be imported by accident.
 * 3. Forget incremental state when compiler options changed.
 * 4. `tsc -b`, which is incremental and takes a fraction of a second when nothing changed.
 * `--install-only` stops after step 1, `--build-only` skips it, `--with-tests` checks the types of the tests as well.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { filesUnder, root, testProjects, workspaceFolders } from './lib/workspace.mjs';

const PNPM = 'pnpm@10.34.9';
const stampFile = path.join(root, 'node_modules', '.ringmain-setup');
const optionsFile = path.join(root, 'node_modules', '.ringmain-compiler-options');

const [nodeMajor] = process.versions.node.split('.').map(Number);
if (nodeMajor < 20) fail(`ringmain needs Node 20 or newer; this is ${process.version}.`);

if (!process.argv.includes('--build-only')) install();
if (!process.argv.includes('--install-only')) {
  removeStaleOutputs();
  forgetOldOptions();
  const projects = process.argv.includes('--with-tests') ? ['tsconfig.json', ...testProjects()] : [];
  run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', ...projects], 'The build failed.');
}

function install() {
  const stamp = stampOfInputs();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  console.log('Installing dependencies …');
  const advice = 'The install failed. If a package.json changed, bring the lockfile up to date: npx -y ' + PNPM + ' install';
  run('npx', ['-y', PNPM, 'install', '--frozen-lockfile', '--reporter=silent'], advice);
  writeFileSync(stampFile, stamp);
}

/** A text that changes with everything an install depends on. */
function stampOfInputs() {
  const hash = createHash('sha256').update(`node ${nodeMajor} ${process.platform} ${process.arch} ${PNPM}\n`);
  const manifests = ['.', ...workspaceFolders()].map((folder) => path.join(folder, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...manifests]) {
    const absolute = path.join(root, file);
    hash.update(`${file}\n`).update(existsSync(absolute) ? readFileSync(absolute) : '-');
  }
  return hash.digest('hex');
}

/** Deletes compiled files in `dist` that no file in `src` stands behind. */
function removeStaleOutputs() {
  for (const folder of workspaceFolders()) {
    for (const output of filesUnder(`${folder}/dist`, /\.(?:js|d\.ts)(?:\.map)?$/)) {
      const source = output.replace('/dist/', '/src/').replace(/\.(?:js|d\.ts)(?:\.map)?$/, '.ts');
      if (!existsSync(path.join(root, source))) rmSync(path.join(root, output));
    }
  }
}

/** The incremental build keeps old diagnostics when only `lib` changes (seen with TypeScript 7.0), so new options start afresh. */
function forgetOldOptions() {
  const options = ['tsconfig.base.json', 'tsconfig.test.json'].map((file) => readFileSync(path.join(root, file)));
  const stamp = createHash('sha256').update(Buffer.concat(options)).digest('hex');
  if (existsSync(optionsFile) && readFileSync(optionsFile, 'utf8') === stamp) return;
  const folders = [...workspaceFolders().map((folder) => `${folder}/dist`), '.cache'];
  for (const folder of folders) for (const file of filesUnder(folder, /\.tsbuildinfo$/)) rmSync(path.join(root, file));
  writeFileSync(optionsFile, stamp);
}

function run(command, args, failure) {
  const shell = process.platform === 'win32' && command === 'npx';
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell });
  if (error !== undefined) fail(`${failure} (${error.message})`);
  if (status !== 0) fail(failure);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
