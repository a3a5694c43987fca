/**
 * `npm run chaos [-- FAULTS [SEED]]`: the long form of the crash tests, 200 faults unless another number is given.
 * Thread: main.
 */
import { spawnSync } from 'node:child_process';

const [faults = '200', seed = String(Date.now() % 1e9)] = process.argv.slice(2);
console.log(`${faults} faults, seed ${seed}`);
const { status } = spawnSync('npx', ['vitest', 'run', 'packages/runtime/test/e2e/crash.chaos.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, RINGMAIN_CHAOS_FAULTS: faults, RINGMAIN_SEED: seed },
});
process.exitCode = status ?? 1;
