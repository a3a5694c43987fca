/** Promise: `setup` runs once per shard before its first delivery, `teardown` in reverse order after its last. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ringmain-hooks-'));
  process.env['RINGMAIN_TEST_HOOKS'] = path.join(folder, 'notes');
});

afterEach(async () => {
  delete process.env['RINGMAIN_TEST_HOOKS'];
  await rm(folder, { recursive: true });
});

/** What ran in a shard, in order. */
async function notesOf(shard: number): Promise<string[]> {
  const lines = (await readFile(path.join(folder, 'notes'), 'utf8')).trim().split('\n');
  return lines.filter((line) => line.endsWith(` ${shard}`)).map((line) => line.slice(0, line.lastIndexOf(' ')));
}

describe('setup() and teardown()', () => {
  it.each([
    [0, [-1]],
    [2, [0, 1]],
  ])('with %i shards run in every thread that handles, and nowhere else', async (shards, threads) => {
    // Loaded here, so that the module reads the name of the file that was just set.
    const { events } = await import('./fixtures/hooks.ts');
    const { start } = await import('./fixtures/start.ts');
    const runtime = await start(events, [`./hooks.ts?shards=${shards}`], { shards });
    for (let n = 0; n < 100; n++) await runtime.send('hook.called', { n });
    await closeAndCheck(runtime);
    let calls = 0;
    for (const thread of threads) {
      const notes = await notesOf(thread);
      const count = Number(/after (\d+)/.exec(notes[2] ?? '')?.[1]);
      expect(notes).toEqual(['setup first', 'setup second', `teardown after ${count} second`, `teardown after ${count} first`]);
      calls += count;
    }
    expect(calls).toBe(100);
    expect((await readFile(path.join(folder, 'notes'), 'utf8')).trim().split('\n')).toHaveLength(4 * threads.length);
  });

  it('setup runs again in a successor, with a fresh state, and teardown not after a crash', async () => {
    const { events } = await import('./fixtures/hooks.ts');
    const { start } = await import('./fixtures/start.ts');
    const runtime = await start(events, ['./hooks.ts'], { shards: 1 });
    for (let n = 0; n < 5; n++) await runtime.send('hook.called', { n }, { until: 'handled' });
    runtime.publish('hook.fatal', { n: 1 });
    await runtime.drain();
    await closeAndCheck(runtime);
    const fresh = ['setup first', 'setup second'];
    expect(await notesOf(0)).toEqual([...fresh, ...fresh, 'teardown after 1 second', 'teardown after 1 first']);
  });
});
