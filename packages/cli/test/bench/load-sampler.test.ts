/** Samples of a fake runtime on a clock that the test moves. */
import { describe, expect, test } from 'vitest';
import { Histogram } from '../../dist/bench/histogram.js';
import { LoadSampler, statesSeen } from '../../dist/bench/load-sampler.js';
import { OutcomeCounts } from '../../dist/bench/outcome-counts.js';
import { FakeRuntime } from '../run/fake-runtime.ts';

function setUp(extra: () => object = () => ({})) {
  const runtime = new FakeRuntime(3, false);
  const [outcomes, lateness] = [new OutcomeCounts(), new Histogram()];
  let us = 1000;
  const sampler = new LoadSampler({
    clock: { monotonicUs: () => us },
    metrics: () => ({ ...runtime.metrics(), ...extra() }),
    outcomes,
    lateness,
  });
  const publish = (events: number): void => {
    for (let index = 0; index < events; index++) outcomes.add(runtime.publish('a', index));
  };
  const take = (afterUs: number) => {
    us += afterUs;
    sampler.take();
    return sampler.samples.at(-1);
  };
  return { sampler, publish, take, lateness };
}

describe('LoadSampler', () => {
  test('turns counts into rates of the time since the last look', () => {
    const { publish, take } = setUp();
    publish(5);
    expect(take(500_000)).toMatchObject({
      atMs: 500,
      publishedPerSecond: 10,
      handledPerSecond: 6,
      rejectedPerSecond: 4,
      outcomes: { accepted: 3, rejected: 2 },
    });
    expect(take(100_000)).toMatchObject({ atMs: 600, publishedPerSecond: 0, outcomes: { accepted: 0, rejected: 0 } });
  });

  test('gives lateness per look, and latencies of groups that have any', () => {
    const { publish, take, lateness } = setUp();
    expect(take(1)).toMatchObject({ latencies: [], latenessP99Us: 0 });
    publish(1);
    lateness.record(7);
    expect(take(1)).toMatchObject({ latencies: [{ name: 'all', p50: 10, p99: 20 }], latenessP99Us: 7 });
    expect(take(1)).toMatchObject({ latenessP99Us: 0 });
  });

  test('keeps the rungs of the degradation ladder that were seen', () => {
    const names = ['normal', 'shed-low', 'shed-low', 'normal'];
    let look = 0;
    const { sampler, take } = setUp(() => ({ degradation: { rung: 0, name: names[look], pressure: 0 } }));
    for (look = 0; look < names.length; look++) take(1);
    expect(sampler.samples.map(({ degradation }) => degradation)).toEqual(names);
    expect(statesSeen(sampler.samples)).toEqual(['normal', 'shed-low']);
  });
});
