/** Promise: signals close a runtime only where that is asked for, once; a second hurries; nothing is left of it afterwards. */
import { describe, expect, it } from 'vitest';
import { runChild } from './fixtures/run-child.ts';
import { openRuntime } from '../open-runtime.ts';
import { events } from './fixtures/ticks.ts';

const run = (shards: number, what: string): Promise<string[]> => runChild('./signalled.mjs', String(shards), what);
const NONE = '0 0 0';

it('no listener is added unless it is asked for', async () => {
  expect(await run(0, 'none')).toEqual([`before: ${NONE}`, `open: ${NONE}`, `after: ${NONE}`]);
});

it('close() takes the listeners away', async () => {
  expect(await run(0, 'close')).toEqual([`before: ${NONE}`, 'open: 1 1 0', `after: ${NONE}`]);
});

describe.each([0, 2])('with %i shards', (shards) => {
  it('a signal drains and closes, and the process ends by itself', async () => {
    const lines = await run(shards, 'once');
    expect(lines).toEqual([`before: ${NONE}`, 'open: 1 1 0', 'drained true, abandoned 0, cut short: ', `after: ${NONE}`]);
  });

  it('a second signal ends a close that would wait for an hour', async () => {
    const lines = await run(shards, 'twice');
    expect(lines.slice(2)).toEqual([
      `drained false, abandoned 1, cut short: drain,${shards === 0 ? 'teardown' : 'shards'}`,
      `after: ${NONE}`,
    ]);
  });

  it('with `exit` the process ends by the signal once the runtime has closed', async () => {
    await expect(run(shards, 'exit')).rejects.toMatchObject({ signal: 'SIGHUP', code: null, killed: false });
  });
});

it.each([1, 'SIGTERM', [], ['SIGKILL'], ['sigterm'], { on: [] }, { exit: 'yes' }, { once: true }])(
  'signals: %j are refused, and no listener is left',
  async (signals) => {
    const before = process.listenerCount('SIGTERM');
    await expect(openRuntime({ events, config: { shards: 0 }, signals: signals as never })).rejects.toMatchObject({
      code: 'RINGMAIN_OPTION_INVALID',
    });
    expect(process.listenerCount('SIGTERM')).toBe(before);
  },
);
