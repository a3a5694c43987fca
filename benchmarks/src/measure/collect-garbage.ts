/**
 * Collects the garbage of the main thread on demand, without a flag on the command line.
 * Thread: main.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const REST_MS = 500;

setFlagsFromString('--expose-gc');
/** Collects what is garbage now. */
export const collectGarbage = runInNewContext('gc') as () => void;

/** Resident memory in MiB once garbage is collected and freed pages had time to be given back. */
export async function restingRssMb(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    await pause(REST_MS);
  }
  return process.memoryUsage.rss() / 2 ** 20;
}
