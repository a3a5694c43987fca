/** Promise: a runtime that cannot start says which module is to blame, and leaves no thread behind. */
import { describe, expect, it } from 'vitest';
import { runChild } from './fixtures/run-child.ts';

/** What is left of a failed start: the child prints once and then ends by itself, or this never resolves. */
async function failedStart(shards: string, ...modules: string[]): Promise<unknown> {
  const lines = await runChild('./failing-start.mjs', shards, ...modules);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '');
}

describe.each(['0', '2'])('createRuntime() with %s shards', (shards) => {
  it('rejects when a setup throws, naming module and group', async () => {
    expect(await failedStart(shards, './unready.mjs')).toMatchObject({
      code: 'RINGMAIN_SUBSCRIBER_INVALID',
      message: expect.stringMatching(/setup of group unready of module file:.*\/unready\.mjs failed: TypeError: no connection/),
      details: { group: 'unready', url: expect.stringMatching(/\/unready\.mjs$/) },
      workers: 0,
    });
  });

  it.each([
    ['bare', 'setup of group unready of module .* failed: '],
    ['hostile', 'setup of group unready of module .* failed: '],
    ['bare&load', 'module .* did not load: '],
  ])('rejects with a code when what is thrown throws in turn: %s', async (thrown, message) => {
    const load = thrown.endsWith('&load');
    expect(await failedStart(shards, `./unready.mjs?throws=${thrown}`)).toMatchObject({
      code: load ? 'RINGMAIN_SUBSCRIBER_LOAD_FAILED' : 'RINGMAIN_SUBSCRIBER_INVALID',
      message: expect.stringMatching(`${message}.*an object without a message that can be read$`),
      workers: 0,
    });
  });

  it.each(['load', 'setup'])('rejects when the %s of a module takes longer than startTimeoutMs', async (what) => {
    expect(await failedStart(shards, `./endless.mjs?${what}`)).toMatchObject({
      code: 'RINGMAIN_START_FAILED',
      details: { startTimeoutMs: 2000 },
      workers: 0,
    });
  });

  it('rejects when the module of the events takes longer than startTimeoutMs', async () => {
    expect(await failedStart(shards, './endless.mjs', './endless.mjs?load')).toMatchObject({
      code: 'RINGMAIN_START_FAILED',
      details: { startTimeoutMs: 2000 },
      workers: 0,
    });
  });

  it('rejects when a module is not there, naming it', async () => {
    expect(await failedStart(shards, './nowhere.mjs')).toMatchObject({
      code: 'RINGMAIN_SUBSCRIBER_LOAD_FAILED',
      details: { url: expect.stringMatching(/\/nowhere\.mjs$/) },
      workers: 0,
    });
  });

  it('rejects when a module exports no subscriber, naming it', async () => {
    expect(await failedStart(shards, './exports-nothing.mjs')).toMatchObject({
      code: 'RINGMAIN_SUBSCRIBER_INVALID',
      details: { url: expect.stringMatching(/\/exports-nothing\.mjs$/) },
      workers: 0,
    });
  });
});
