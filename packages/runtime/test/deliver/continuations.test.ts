/**
 * What asynchronous handlers do after an `await` is charged to their priority, so that it takes no more than its share; and whoever only waits is
 * charged next to nothing. One shard under a clock that moves only in handlers: figures are exact.
 */
import type { PriorityName } from '@ringmain/core';
import { PRIORITY_NAMES, seededRandom } from '@ringmain/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TimedHandler } from './timed-shard.ts';
import { TimedShard } from './timed-shard.ts';

type Handlers = Partial<Record<PriorityName, TimedHandler>>;

/** Events of a priority that always wait; few beside the credit of its group. */
const BACKLOG = 200;
/** What it takes to learn who takes what is left out of the figures. */
const LEARNING_US = 400_000;
const RUN_US = 1_000_000;

function start(handlers: Handlers): TimedShard {
  const shard = new TimedShard(handlers);
  onTestFinished(() => shard.stop());
  return shard;
}

/** Runs a shard in which every priority has more to do than there is time, and returns the part of the time that each takes. */
async function sharesOf(handlers: Handlers): Promise<Record<string, number>> {
  const shard = start(handlers);
  const names = PRIORITY_NAMES.filter((name) => handlers[name] !== undefined);
  const published = new Map<PriorityName, number>(names.map((name) => [name, 0]));
  const run = async (untilUs: number): Promise<Record<string, number>> => {
    await shard.until(() => {
      for (const name of names) {
        const count = published.get(name) ?? 0;
        const until = Math.max(count, shard.begun(name) + BACKLOG);
        for (let id = count; id < until; id++) expect(shard.publish(name, id)).toBe(true);
        published.set(name, until);
      }
      return shard.nowUs >= untilUs;
    });
    const spentUs = (name: PriorityName): number =>
      shard.begun(name) * (handlers[name]?.us ?? 0) + shard.ended(name) * (handlers[name]?.laterUs ?? 0);
    return Object.fromEntries(names.map((name) => [name, spentUs(name)]));
  };
  const before = await run(LEARNING_US);
  const after = await run(LEARNING_US + RUN_US);
  return Object.fromEntries(names.map((name) => [name, ((after[name] ?? 0) - (before[name] ?? 0)) / RUN_US]));
}

describe('a shard', () => {
  it('gives a priority that computes after an await its share of the time, and not more', async () => {
    const { low, normal } = await sharesOf({ normal: { us: 500 }, low: { us: 10, laterUs: 1000 } });
    expect(low).toBeCloseTo(0.2, 1);
    expect(normal).toBeCloseTo(0.8, 1);
  });

  it('does so also where others are asynchronous too', async () => {
    const { low, normal } = await sharesOf({ normal: { us: 100, laterUs: 400 }, low: { us: 10, laterUs: 1000 } });
    expect(low).toBeCloseTo(0.2, 1);
    expect(normal).toBeCloseTo(0.8, 1);
  });

  it('serves a priority whose handlers wait while those of others compute', async () => {
    const random = seededRandom(1);
    const turns = async (): Promise<void> => {
      for (let left = Math.floor(random.next() * 8); left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
    };
    const { low, normal } = await sharesOf({ normal: { us: 10, laterUs: 1000 }, low: { us: 100, awaits: turns } });
    // Handlers of low wait for some turns, each of which normal makes long; there is no more of it to serve.
    expect(low).toBeGreaterThan(0.05);
    expect(normal).toBeLessThan(0.95);
  });

  it('begins a critical event after one turn of low at most, however long the flood of low is', async () => {
    const shard = start({ critical: { us: 10 }, low: { us: 20 } });
    let [low, begun, critical, refused] = [0, 0, 0, 0];
    const publish = (priority: PriorityName, id: number): void => {
      if (!shard.publish(priority, id)) refused++;
    };
    // From inside of handlers, so that the shard never runs dry and critical events come at any moment of its work.
    shard.onBegin = (priority) => {
      if (priority !== 'low') return;
      begun++;
      while (low - begun < BACKLOG) publish('low', low++);
      if (begun % 7 === 0) publish('critical', critical++);
    };
    // A lane is looked at from the turn after its first event on.
    publish('critical', critical++);
    await shard.until(() => shard.begun('critical') === 1);
    publish('low', low++);
    await shard.until(() => begun >= 5000);
    expect([refused, shard.begun('critical') > 700]).toEqual([0, true]);
    // A turn of low is 50 us, and ends with the handler that exceeds it.
    expect(shard.longestWaitUs('critical')).toBeLessThanOrEqual(50 + 20);
    expect(shard.longestWaitUs('low')).toBeGreaterThan(1000);
  });
});
