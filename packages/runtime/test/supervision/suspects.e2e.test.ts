/** Events that were in flight at one death less than set them aside run alone, so that the last death convicts the one that kills, and nobody else. */
import { expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { openRuntime } from '../open-runtime.ts';
import { Board } from '../resize/fixtures/board.ts';
import { CULPRIT, events } from './fixtures/suspects.ts';

const EVENTS = 8;

it.each([3, 2])('after %i deaths sets the culprit aside and delivers all innocents', async (crashesMax) => {
  const board = Board.create();
  const restart = { maxRestarts: 10, withinMs: 1000, ...(crashesMax !== 3 && { crashesMax }) };
  const config = { shards: 1, restart, handlers: { timeoutMs: 0 } };
  const module = new URL(`./fixtures/suspects.ts?deaths=${crashesMax}`, import.meta.url);
  const runtime = await openRuntime({ events, config, subscribers: [module] });
  const ends = Array.from({ length: EVENTS }, (_, n) =>
    runtime.send('case.opened', { n }, { until: 'handled', timeoutMs: 60_000 }).then(
      () => 'handled',
      (error: unknown) => (error as { code: string }).code,
    ),
  );
  expect(await Promise.all(ends)).toEqual(
    Array.from({ length: EVENTS }, (_, n) => (n === CULPRIT ? 'RINGMAIN_DELIVERY_FAILED' : 'handled')),
  );
  const { metrics } = await closeAndCheck(runtime);
  expect(metrics.groups.find(({ name }) => name === 'suspects')).toMatchObject({ delivered: EVENTS - 1, deadLettered: 1 });
  expect([metrics.restarts, board.read('beside')]).toEqual([crashesMax, 0]);
});

it('all shards start at the same time: their setups meet', async () => {
  Board.create();
  const shards = 3;
  const module = new URL(`./fixtures/suspects.ts?meet=${shards}`, import.meta.url);
  const runtime = await openRuntime({ events, config: { shards, warmSpare: false }, subscribers: [module] });
  expect(runtime.health()).toMatchObject({ ready: true, reasons: [] });
  await closeAndCheck(runtime);
});
