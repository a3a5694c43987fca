/** The log level reloaded: what each thread writes to standard error before, between and after. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./fixtures/log-level.mjs', import.meta.url));

it('log.level holds for main, shards and coordinator from the reload on', async () => {
  const child = spawn(process.execPath, [SCRIPT], { timeout: 60_000 });
  const exited = once(child, 'close');
  const lines: { readonly thread: string; readonly msg: string }[] = [];
  createInterface(child.stderr).on('line', (line) => lines.push(JSON.parse(line) as (typeof lines)[number]));
  const [printed] = (await once(createInterface(child.stdout), 'line')) as [string];
  // The log of the coordinator is the last to be written.
  while (!lines.some(({ thread }) => thread === 'coordinator')) await new Promise(setImmediate);
  child.stdin.end();
  expect([await exited, printed]).toEqual([[0, null], 'warn']);
  expect(lines.map(({ thread, msg }) => `${thread}: ${msg}`).toSorted()).toEqual([
    'coordinator: shard ended; its successor takes over',
    'main: the configuration was reloaded',
    'shard: handled at info',
  ]);
});
