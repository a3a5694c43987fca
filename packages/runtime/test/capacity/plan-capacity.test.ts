/** The plan against the parts that it reckons for: memory, the bay, the lane schedule; and what it advises. */
import { LIMITS } from '@ringmain/core';
import { LaneSchedule } from '@ringmain/policy';
import { Bay, allocateMemory, bayWords, planMemory } from '@ringmain/ring';
import fc from 'fast-check';
import type { CapacityLoadInput, RuntimeConfigInput } from 'ringmain';
import { parseConfig, planCapacity } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { memoryOptions } from '../../dist/capacity/memory-options.js';
import { scheduleOptions } from '../../dist/deliver/schedule-options.js';

const plan = (config: RuntimeConfigInput, load: CapacityLoadInput = {}) => planCapacity(parseConfig(config), load);
const pathsOf = (config: RuntimeConfigInput, load: CapacityLoadInput) => plan(config, load).advice.map(({ path }) => path);

describe('planCapacity()', () => {
  it('adds up to the memory that a runtime reserves', () => {
    const small = { capacityBytes: 4096 };
    for (const shards of [0, 1, 2, 5]) {
      const config = parseConfig({
        shards,
        recordBytesMax: 1024,
        lanes: { critical: small, high: small, normal: { capacityBytes: 16_384 }, low: small },
        mesh: small,
        bay: { slots: 100, bytes: 16_384 },
      });
      const { control, outboxes, bays } = allocateMemory(planMemory(memoryOptions(config)));
      const sum = (buffers: readonly SharedArrayBuffer[]): number =>
        buffers.reduce((bytes, buffer) => bytes + buffer.byteLength, 0);
      expect(planCapacity(config).memory).toEqual({
        lanesBytes: outboxes[0]?.byteLength,
        meshBytes: sum(outboxes.slice(1)),
        bayBytes: sum(bays),
        controlBytes: control.byteLength,
        reservedBytes: sum([control, ...outboxes, ...bays]),
      });
    }
  });

  it('counts the events that a bay takes', () => {
    const source = new Int32Array(1024);
    fc.assert(
      fc.property(
        fc.integer({ min: 64, max: 200 }),
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 1, max: 4 }),
        (slots, payloadBytes, groups) => {
          const config = parseConfig({ shards: 1, recordBytesMax: 1024, bay: { slots, bytes: 16_384 } });
          const memoryPlan = planMemory(memoryOptions(config));
          const words = bayWords(memoryPlan, allocateMemory(memoryPlan), 1);
          const bay = new Bay(words.slots, words.bodies);
          const bodyBytes = 40 + payloadBytes;
          let held = 0;
          for (; bay.canPark(bodyBytes, groups); held++) {
            const record = { lane: 1, position: held, sequenceLow: held, sequenceHigh: 0, keyHash: 0, attempt: 0, crashes: 0 };
            for (let step = 0; step < groups; step++) bay.park({ ...record, step }, source, 0, bodyBytes, false);
          }
          expect(planCapacity(config, { payloadBytes, groups }).bay.events).toBe(held);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives the bound of the lane schedule for each priority but critical', () => {
    const config = parseConfig({ shards: 1, scheduling: { weights: { low: 2 } } });
    const schedule = new LaneSchedule(scheduleOptions(config));
    expect(planCapacity(config, { handlerUs: 300 }).lanes.map(({ waitMaxUs }) => waitMaxUs)).toEqual([
      null,
      ...[1, 2, 3].map((priority) => schedule.waitBoundUs(priority, 300)),
    ]);
  });

  it('reckons the example of the guide', () => {
    const { event, lanes, bay, utilisation, burstDrainSeconds } = plan(
      { shards: 4 },
      { payloadBytes: 80, groups: 2, handlerUs: 50, ratePerSecond: { normal: 30_000, low: 10_000 }, burstEvents: 20_000 },
    );
    expect(event).toEqual({ recordBytes: 128, creditUnits: 2, bayBytes: 128, payloadBytesMax: 65_536 - 40 });
    expect(bay).toEqual({ events: 32_768, poolUnits: 49_152, shareUnits: 8192 });
    expect(lanes[2]).toMatchObject({
      laneEvents: 8192,
      creditEvents: 3584,
      limit: 'credit',
      absorbedEvents: 14_336,
      absorbedOneKeyEvents: 3584,
    });
    // All of it, 15/16, 7/8, and 3/4.
    expect(lanes.map(({ creditEvents }) => creditEvents)).toEqual([4096, 3840, 3584, 3072]);
    // One of thirteen parts of half of the time.
    expect(lanes[3]?.backlogWaitUs).toBeCloseTo(3072 * 50 * 26, 3);
    expect(utilisation).toBe(0.5);
    expect(burstDrainSeconds).toBeCloseTo(0.5);
  });

  it('says that a load beyond the shards is never done', () => {
    expect(plan({ shards: 1 }, { ratePerSecond: 50_000, handlerUs: 20, burstEvents: 1 })).toMatchObject({
      utilisation: 1,
      burstDrainSeconds: null,
    });
  });

  it.each<[string, RuntimeConfigInput, CapacityLoadInput, string[]]>([
    ['nothing', {}, { ratePerSecond: 1000 }, []],
    ['a payload that no lane takes', {}, { payloadBytes: 70_000 }, ['recordBytesMax', 'lanes.critical.capacityBytes']],
    ['too few shards', {}, { ratePerSecond: 45_000 }, ['shards']],
    ['too much that is critical', {}, { ratePerSecond: { critical: 500, normal: 500 } }, ['scheduling.criticalShareMax']],
    [
      'a limit of the rate',
      { publishRate: { perSecond: 10 } },
      { ratePerSecond: 11, burstEvents: 1001 },
      ['publishRate.perSecond', 'publishRate.burst'],
    ],
    [
      'a lane smaller than a burst',
      { lanes: { normal: { capacityBytes: 262_144 } } },
      { burstEvents: 5000 },
      ['lanes.normal.capacityBytes'],
    ],
    ['credit smaller than a burst', {}, { burstEvents: 9000, groups: 2 }, ['shards']],
    ['a bay smaller than a burst', { bay: { slots: 64 } }, { burstEvents: 100 }, ['shards', 'bay.slots']],
    [
      'a lane smaller than a batch',
      { recordBytesMax: 1024, lanes: { low: { capacityBytes: 4096 } } },
      { ratePerSecond: 1 },
      ['lanes.low.capacityBytes'],
    ],
  ])('warns of %s', (_, config, load, paths) => {
    expect(pathsOf({ shards: 1, ...config }, load)).toEqual(paths);
  });

  it('advises what helps', () => {
    const lane = plan({ shards: 1, lanes: { normal: { capacityBytes: 262_144 } } }, { burstEvents: 5000 }).advice[0];
    const capacityBytes = Number(/set it to (\d+)/.exec(lane?.advice ?? '')?.[1]);
    expect(pathsOf({ shards: 1, lanes: { normal: { capacityBytes } } }, { burstEvents: 5000 })).toEqual([]);
    const load = { ratePerSecond: 200_000, handlerUs: 20 };
    const shards = Number(/set shards to (\d+)/.exec(plan({ shards: 1 }, load).advice[0]?.advice ?? '')?.[1]);
    expect([shards, pathsOf({ shards }, load)]).toEqual([7, []]);
    expect(plan({ shards: 1 }, { ratePerSecond: 1_000_000, handlerUs: 1000 }).advice[0]?.advice).toContain(
      `even ${LIMITS.shardsMax} shards are too few`,
    );
  });

  it.each<[CapacityLoadInput, string]>([
    [{ payloadBytes: -1 }, 'payloadBytes is -1'],
    [{ payloadBytes: 1.5 }, 'an integer from 0'],
    [{ ratePerSecond: Number.NaN }, 'the rate of normal is NaN'],
    [{ ratePerSecond: { urgent: 1 } as never }, 'critical, high, normal, low'],
    [{ handlerUs: -1 }, 'handlerUs is -1'],
    [{ burstEvents: 1e10 }, 'burstEvents is 10000000000'],
    [{ groups: 0 }, 'an integer from 1 to 64'],
  ])('refuses the load %j', (load, text) => {
    expect(() => plan({ shards: 1 }, load)).toThrow(`RINGMAIN_OPTION_INVALID`);
    expect(() => plan({ shards: 1 }, load)).toThrow(text);
  });
});
