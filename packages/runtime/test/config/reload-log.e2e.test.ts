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
  const written = async (by: string): Promise<void> => {
    while (!lines.some(({ thread }) => thread === by)) await new Promise(setImmediate);
  };
  await written('shard');
  const printing = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  child.stdin.write('go on\n');
  const [printed] = await printing;
  await written('coordinator');
  child.stdin.end();
  expect([await exited, printed]).toEqual([[0, null], 'warn']);
  expect(lines.map(({ thread, msg }) => `${thread}: ${msg}`).toSorted()).toEqual([
    'coordinator: shard ended; its successor takes over',
    'main: the configuration was reloaded',
    'shard: handled at info',
  ]);
});
