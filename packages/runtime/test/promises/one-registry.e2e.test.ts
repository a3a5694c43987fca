/** Promise: all threads use the same event definitions, or the runtime does not start. */
import { describe, expect, it } from 'vitest';
import { others } from './fixtures/other-events.ts';
import { start } from './fixtures/start.ts';
import { events } from './fixtures/ticks.ts';

const refusal = async (shards: number, way: string): Promise<unknown> =>
  start(events, [`./other-events.ts?way=${encodeURIComponent(way)}`], { shards }).then(
    () => 'started',
    (error: unknown) => error,
  );

describe('createRuntime()', () => {
  // Without threads every way is cheap to try; the check is the same function in a shard.
  it.each(Object.keys(others))('refuses definitions that differ by %s', async (way) => {
    expect(await refusal(0, way)).toMatchObject({
      code: 'RINGMAIN_EVENTS_MISMATCH',
      message: expect.stringContaining('group stranger of module file:'),
      details: { group: 'stranger', url: expect.stringContaining('/other-events.js?way=') },
    });
  });

  it('refuses them also where a shard finds them', async () => {
    expect(await refusal(2, 'version')).toMatchObject({ code: 'RINGMAIN_EVENTS_MISMATCH', details: { group: 'stranger' } });
  });

  it.each([0, 1])('refuses subscribers of which none names its definitions, with %i shards', async (shards) => {
    expect(await refusal(shards, 'none')).toMatchObject({ code: 'RINGMAIN_EVENTS_MISMATCH' });
  });
});
