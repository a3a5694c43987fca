/**
 * `npm run models`: has SPIN check `packages/ring/models/lane.pml`, and checks that it finds every mistake seeded there.
 * Needs `spin` and `gcc` (Debian: apt-get install spin gcc). Exit codes: 0 all as expected, 1 not, 2 a tool is missing.
 * Thread: main.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './lib/workspace.mjs';

const model = path.join(root, 'packages', 'ring', 'models', 'lane.pml');
const mistakes = [...new Set([...readFileSync(model, 'utf8').matchAll(/^#ifn?def (BUG_\w+)/gm)].map(([, name]) => name))];
const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-models-'));

function run(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', timeout: 300_000 });
  if (error?.code === 'ENOENT') {
    console.error(`${command} is not here (Debian: apt-get install spin gcc)`);
    process.exit(2);
  }
  if (error !== undefined || status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error });
  return stdout;
}

/** Checks the model, with a mistake or without; tells whether an error was found, and how many states there were. */
function check(...definitions) {
  run('spin', '-a', ...definitions, model);
  run('gcc', '-O2', '-w', '-DNFAIR=3', '-o', 'pan', 'pan.c');
  const output = run('./pan', '-a', '-f', '-m200000');
  const [, errors] = output.match(/errors: (\d+)/) ?? [];
  const [, states] = output.match(/(\d+) states, stored/) ?? [];
  if (errors === undefined || output.includes('search not completed\n') || output.includes('max search depth too small'))
    throw new Error(`the search was not completed\n${output}`);
  return { failed: Number(errors) > 0, states };
}

let wrong = 0;
function report(name, { failed, states }, shouldFail) {
  const isRight = failed === shouldFail;
  if (!isRight) wrong += 1;
  console.log(`${isRight ? 'ok    ' : 'WRONG '}  ${name.padEnd(34)} ${failed ? 'an error' : 'no error'} in ${states} states`);
}

try {
  report('as it is', check(), false);
  report('six events, room for three', check('-DEVENTS=6', '-DCAPACITY=3'), false);
  report('three deaths', check('-DDEATHS=3', '-DEVENTS=3'), false);
  for (const mistake of mistakes) report(mistake, check(`-D${mistake}`), true);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = wrong === 0 ? 0 : 1;
