/** The generator on a clock that only the test moves. */
import { describe, expect, test } from 'vitest';
import { TURN_US, generateLoad } from '../../dist/bench/generate-load.js';
import type { LoadOptions } from '../../dist/bench/generate-load.js';
import { Histogram } from '../../dist/bench/histogram.js';
import { constantLoad, loadAtOnce } from '../../dist/bench/load-schedule.js';
import { OutcomeCounts } from '../../dist/bench/outcome-counts.js';

const ACCEPTED = { status: 'accepted', accepted: true };

interface Published {
  readonly index: number;
  readonly dueUs: number;
  readonly atUs: number;
}

/** A load whose turns the test takes one by one; `publishUs` is what a publish costs. */
function manualLoad(schedule: LoadOptions['schedule'], publishUs = 0) {
  let us = 5_000_000;
  let turn: (() => void) | undefined;
  const published: Published[] = [];
  const idles: number[] = [];
  const outcomes = new OutcomeCounts();
  const lateness = new Histogram();
  const stopper = new AbortController();
  const run = (options: Partial<LoadOptions> = {}) =>
    generateLoad({
      schedule,
      clock: { monotonicUs: () => us },
      publish(index, dueUs) {
        published.push({ index, dueUs: dueUs - 5_000_000, atUs: us - 5_000_000 });
        us += publishUs;
        return ACCEPTED;
      },
      outcomes,
      lateness,
      stop: stopper.signal,
      pace(next, idleUs) {
        turn = next;
        idles.push(idleUs);
      },
      ...options,
    });
  const advance = (byUs: number): void => {
    us += byUs;
    turn?.();
  };
  return { run, advance, published, idles, outcomes, lateness, stopper };
}

describe('generateLoad', () => {
  test('publishes each event when it is due and tells the pace how long nothing is', async () => {
    const { run, advance, published, idles } = manualLoad(constantLoad({ ratePerSecond: 1000, seconds: 0.004 }));
    const ended = run();
    advance(999);
    advance(1);
    advance(1000);
    advance(1000);
    expect(await ended).toMatchObject({ published: 4, startUs: 5_000_000, endUs: 5_003_000 });
    expect(published.map(({ atUs }) => atUs)).toEqual([0, 1000, 2000, 3000]);
    expect(idles).toEqual([1000, 1, 1000, 1000]);
  });

  test('keeps the times of the schedule after a stall and counts lateness from them', async () => {
    const { run, advance, published, lateness } = manualLoad(constantLoad({ ratePerSecond: 1000, seconds: 0.005 }));
    const ended = run();
    advance(10_000);
    await ended;
    expect(published.map(({ dueUs }) => dueUs)).toEqual([0, 1000, 2000, 3000, 4000]);
    expect(published.map(({ atUs }) => atUs)).toEqual([0, 10_000, 10_000, 10_000, 10_000]);
    expect(lateness.summary()).toMatchObject({ count: 5, max: 9000 });
  });

  test('catches up for no longer than a turn at a time', async () => {
    const publishUs = 100;
    const { run, advance, published } = manualLoad(loadAtOnce(25), publishUs);
    const ended = run();
    expect(published).toHaveLength(TURN_US / publishUs);
    advance(0);
    expect(published).toHaveLength((2 * TURN_US) / publishUs);
    advance(0);
    expect(await ended).toMatchObject({ published: 25 });
  });

  test('publishes a burst whole', async () => {
    const { run, advance, published } = manualLoad(constantLoad({ ratePerSecond: 10_000, seconds: 0.002, burst: 10 }));
    const ended = run();
    expect(published).toHaveLength(10);
    advance(999);
    expect(published).toHaveLength(10);
    advance(1);
    await ended;
    expect(published.map(({ dueUs }) => dueUs).slice(9, 11)).toEqual([0, 1000]);
  });

  test('does not slow down when publishes are refused', async () => {
    const { run, outcomes } = manualLoad(loadAtOnce(3));
    const refused = { status: 'rejected', accepted: false, reason: 'full' };
    expect(await run({ publish: () => refused })).toMatchObject({ published: 3 });
    expect(outcomes.of('rejected')).toBe(3);
  });

  test('ends at the signal with what it has published', async () => {
    const { run, advance, stopper } = manualLoad(constantLoad({ ratePerSecond: 1000, seconds: 1 }));
    const ended = run();
    stopper.abort();
    advance(1000);
    expect(await ended).toMatchObject({ published: 1 });
  });

  test('fails with what publish throws', async () => {
    const { run } = manualLoad(loadAtOnce(1));
    const publish = (): never => {
      throw new Error('closed');
    };
    await expect(run({ publish })).rejects.toThrow('closed');
  });
});
