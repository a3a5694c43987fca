/** What the runtime has to say of itself never fails whoever says it, also when its publisher has closed meanwhile. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../dist/index.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { keyOf, startStill } from './still-consumers.ts';

const schema = z.object({ key: z.int() });
const key = (data: { readonly key: number }): number => data.key;
const events = defineEvents({ 'one.patient': { schema, key, overflow: { policy: 'block', deadlineMs: 1000 } } });
const groups = { only: ['one.*'] };
const health = { live: true, ready: true, phase: 'running', reasons: [] } as const;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A publisher to whose main thread somebody listens for what the runtime says. */
function startTold() {
  const still = startStill(events, groups);
  still.publishing.types.route(new RouteTable([], ['system.*']).routeOf);
  const published = (): number => still.publisher.lastSequence;
  return { ...still, published };
}

it('SystemPublisher.publish() says nothing more once its publisher has closed', () => {
  const { publishing, publisher, published } = startTold();
  const before = published();
  publishing.system.publish('system.health', health);
  expect(published()).toBe(before + 1);
  publisher.close();
  expect(() => publisher.emit(publisher.typeOf('one.patient'), { key: 1 }, {}, 0)).toThrow(/RINGMAIN_CLOSED/);
  publishing.system.publish('system.health', health);
  expect(published()).toBe(before + 1);
});

it('drops that a close causes are told of by no timer afterwards, whichever closes first', () => {
  for (const first of ['publisher', 'system'] as const) {
    const still = startStill(events, groups);
    still.grant(0, 'only', 0);
    expect(still.publisher.publish('one.patient', { key: keyOf(0) }).status).toBe('staged');
    if (first === 'system') still.publishing.system.close();
    still.publisher.close();
    expect(vi.getTimerCount()).toBe(first === 'system' ? 0 : 1);
    still.publishing.types.route(new RouteTable([], ['system.*']).routeOf);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
  }
});
