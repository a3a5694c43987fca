/** The watch over the coordinator, from a count of ticks that the test moves. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { CoordinatorLink } from '../../dist/control/coordinator-link.js';
import { CoordinatorWatch } from '../../dist/health/coordinator-watch.js';
import { ControlMemory } from '../coordinator/control-memory.ts';

const HUNG_MS = 30_000;
const log = pino({ enabled: false });

function setUp() {
  const { context } = new ControlMemory();
  const link = new CoordinatorLink(context, log);
  const ended: string[] = [];
  const watch = new CoordinatorWatch(
    context,
    {
      isUp: true,
      get isStopping() {
        return link.isStopping;
      },
      endHung: (reason) => void ended.push(reason),
    },
    log,
  );
  let nowMs = 0;
  const looks = (count: number): void => {
    for (let look = 0; look < count; look++) watch.look((nowMs += HUNG_MS / 10));
  };
  return { link, ended, looks };
}

describe('CoordinatorWatch', () => {
  it('ends a coordinator that ticks no more', () => {
    const { ended, looks } = setUp();
    looks(10);
    expect(ended).toEqual([]);
    looks(1);
    expect(ended).toEqual(['no tick for 30000 ms']);
  });

  it('leaves one alone that stops its shards, however long their teardowns take', async () => {
    const { link, ended, looks } = setUp();
    looks(5);
    await link.stopShards(0);
    looks(100);
    expect(ended).toEqual([]);
  });
});
