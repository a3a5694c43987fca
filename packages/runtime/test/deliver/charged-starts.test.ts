/** Deliveries that do not begin from their lane are charged to its priority, and leave the lanes their part of a turn; with stand-ins for the bay and the handlers. */
import { SlotWord, laneNumber } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Group } from '../../dist/deliver/group.js';
import type { LatestParts } from '../../dist/deliver/latest-deliveries.js';
import { LatestDeliveries } from '../../dist/deliver/latest-deliveries.js';
import type { RetryParts } from '../../dist/deliver/retries.js';
import { Retries } from '../../dist/deliver/retries.js';

const GROUP = {} as Group;
const HANDLER_US = 300;

/** Slots are numbers: the priority of each is its last digit. */
function setUp() {
  const clock = manualClock(5000);
  const begun: number[] = [];
  const charged: [priority: number, us: number][] = [];
  const begin = (slot: number): void => {
    begun.push(slot);
    clock.advance(HANDLER_US * (1 + (slot % 10)));
  };
  const common = {
    context: {
      clock,
      seed: { epochUs: 0, config: { shards: 1, retry: { budget: { ratio: 1, perSecondMin: 1 } } } },
      live: { watch() {} },
    },
    bay: { word: (slot: number, word: number) => (word === SlotWord.lane ? laneNumber(0, slot % 10) : 0) },
    charge: (priority: number, us: number) => charged.push([priority, us]),
  };
  return { clock, begun, charged, begin, common };
}

describe('Retries.startDue()', () => {
  function start() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { common, begin, ...rest } = setUp();
    const retries = new Retries({ ...common, failures: {}, subscriptions: {} } as unknown as RetryParts);
    retries.onDue = begin;
    return { retries, ...rest };
  }

  it('charges each to the priority of its lane', () => {
    const { retries, begun, charged } = start();
    for (const slot of [13, 22, 30]) retries.schedule(slot, GROUP);
    expect(retries.startDue(Infinity)).toBe(3);
    expect(begun).toEqual([30, 22, 13]);
    expect(charged).toEqual([
      [0, HANDLER_US],
      [2, 3 * HANDLER_US],
      [3, 4 * HANDLER_US],
    ]);
  });

  it('starts one at least, and none once the turn is over; what is left is due in the next one', () => {
    const { retries, begun, clock } = start();
    for (let slot = 0; slot < 50; slot += 10) retries.schedule(slot, GROUP);
    expect(retries.startDue(clock.monotonicUs() + 2 * HANDLER_US)).toBe(2);
    expect(retries.startDue(clock.monotonicUs())).toBe(1);
    expect(retries.startDue(Infinity)).toBe(2);
    expect([retries.startDue(Infinity), begun.toSorted((a, b) => a - b)]).toEqual([0, [0, 10, 20, 30, 40]]);
  });
});

describe('LatestDeliveries.hand()', () => {
  it('charges each to the priority of its lane', () => {
    const { common, begin, begun, charged } = setUp();
    const parked = { records: { isKeyed: () => false }, publishInFlight() {}, starts: { goOn: begin } };
    const latest = new LatestDeliveries({ ...common, parked } as unknown as LatestParts);
    for (const slot of [13, 22]) latest.gather(slot, GROUP);
    expect(latest.hand(true, Infinity)).toBe(2);
    expect(begun).toEqual([13, 22]);
    expect(charged).toEqual([
      [3, 4 * HANDLER_US],
      [2, 3 * HANDLER_US],
    ]);
  });
});
