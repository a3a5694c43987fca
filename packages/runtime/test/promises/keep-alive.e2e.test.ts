/** Promise: `ref()` and `unref()` decide whether the runtime keeps the process alive. */
import { describe, expect, it } from 'vitest';
import { runChild } from './fixtures/run-child.ts';

describe.each(['0', '2'])('with %s shards', (shards) => {
  it('unref() lets a process end that did not close its runtime', async () => {
    expect(await runChild('./keep-alive.mjs', shards, 'unref')).toEqual(['ended by itself']);
  });

  it('close() and restartShard() end also when the runtime keeps nothing alive', async () => {
    expect(await runChild('./keep-alive.mjs', shards, 'close')).toEqual(['closed, drained true', 'ended by itself']);
  });

  it('ref() keeps it alive, until unref() is called', async () => {
    expect(await runChild('./keep-alive.mjs', shards, 'ref')).toEqual(['kept alive', 'ended by itself']);
  });
});
