/** Promise: events of one producer, key, priority and group are handled in the order in which they were published, one at a time. */
import { seededRandom } from '@ringmain/core';
import type { PriorityName } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { start } from './fixtures/start.ts';
import { events } from './fixtures/steps.ts';
import { events as ticks } from './fixtures/ticks.ts';

const SEED = Number(process.env['RINGMAIN_SEED'] ?? 20261121);
const PRIORITIES: readonly PriorityName[] = ['critical', 'high', 'normal', 'low'];
const KEYS = 8;
const STEPS = 1200;

describe.each([0, 1, 3])('the order of a key with %i shards', (shards) => {
  it(`holds for handlers that wait, for every producer and priority, one delivery at a time (seed ${SEED})`, async () => {
    const random = seededRandom(SEED);
    const below = (max: number): number => Math.floor(random.next() * max);
    const runtime = await start(events, ['./steps.ts'], { shards });
    const seen = new Map<string, number[]>();
    let overlaps = 0;
    const watch = runtime.subscribe('step.seen', ({ data }) => {
      const { group, origin, key, step, priority, beside } = data;
      const lane = `${group} of ${origin === 'main' ? 'main' : 'relay'}, key ${key}, ${priority}`;
      seen.set(lane, [...(seen.get(lane) ?? []), step]);
      overlaps += beside;
    });
    await watch.ready;
    const published = new Map<string, number>();
    for (let count = 0; count < STEPS; count++) {
      const [key, turns] = [below(KEYS), below(3)];
      const relayed = below(3) === 0;
      const priority = relayed ? 'normal' : (PRIORITIES[below(4)] ?? 'normal');
      const lane = `${relayed ? 'relay' : 'main'}, key ${key}, ${priority}`;
      const step = published.get(lane) ?? 0;
      published.set(lane, step + 1);
      const data = { origin: 'main', key, step, turns };
      const type = relayed ? 'step.relayed' : 'step.taken';
      while (!runtime.publish(type, data, { priority }).accepted) await runtime.ready();
      if (below(100) === 0) await new Promise(setImmediate);
    }
    await runtime.drain();
    const expected = new Map<string, number[]>();
    for (const [lane, count] of published) {
      const steps = Array.from({ length: count }, (_, step) => step);
      for (const group of ['slow', 'now and then']) expected.set(`${group} of ${lane}`, steps);
    }
    expect(seen).toEqual(expected);
    expect(overlaps).toBe(0);
    await closeAndCheck(runtime);
  });
});

describe('priorities', () => {
  /** On the main thread everything is published before the first service begins. */
  const served = async (counts: Readonly<Record<string, number>>, quantumUs: number, handle: () => void): Promise<string[]> => {
    const runtime = await start(ticks, [], { shards: 0, mainDrainBudgetUs: 1_000_000, scheduling: { quantumUs } });
    const seen: string[] = [];
    runtime.subscribe('tick.given', ({ priority, data }) => {
      handle();
      seen.push(`${priority} ${data.tick}`);
    });
    for (const [priority, count] of Object.entries(counts) as ['low', number][]) {
      for (let tick = 0; tick < count; tick++) expect(runtime.publish('tick.given', { tick }, { priority }).accepted).toBe(true);
    }
    await runtime.drain();
    await closeAndCheck(runtime);
    return seen;
  };

  it('are served urgent ones first, while each gets along with its quantum', async () => {
    const seen = await served({ low: 20, normal: 100, high: 200, critical: 300 }, 100_000, () => {});
    const all = (priority: string, count: number): string[] => Array.from({ length: count }, (_, tick) => `${priority} ${tick}`);
    expect(seen).toEqual([...all('critical', 300), ...all('high', 200), ...all('normal', 100), ...all('low', 20)]);
  });

  it('starve nobody: each has its turn when another has used up its quantum', async () => {
    const counts = { low: 100, normal: 100, high: 100 };
    const seen = await served(counts, 5, () => {
      const end = performance.now() + 0.2;
      while (performance.now() < end);
    });
    for (const [priority, count] of Object.entries(counts)) {
      const own = seen.filter((name) => name.startsWith(priority));
      expect(own).toEqual(Array.from({ length: count }, (_, tick) => `${priority} ${tick}`));
    }
    // Each handler takes longer than any quantum, so every priority has had its turn after a round of one or two deliveries each.
    const round = seen.slice(0, 6).map((name) => name.split(' ')[0]);
    expect(new Set(round)).toEqual(new Set(['high', 'normal', 'low']));
  });
});
