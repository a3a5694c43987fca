/** Pauses end by their own time, also when others were forgotten before. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EventType } from '../../dist/events/event-type.js';
import { Pauses } from '../../dist/publish/pauses.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const type = (name: string): EventType => ({ name }) as EventType;

it('Pauses.begin() after clear() ends in its own time', () => {
  const pauses = new Pauses(() => Date.now() * 1000);
  let ends = 0;
  pauses.onEnd = () => ends++;
  pauses.begin(type('a'), 0, 10);
  pauses.clear();
  expect(pauses.any).toBe(false);
  pauses.begin(type('a'), 0, 1000);
  expect([pauses.has(type('a'), 0), pauses.has(type('a'), 1), pauses.has(type('b'), 0)]).toEqual([true, false, false]);
  vi.advanceTimersByTime(999);
  expect(ends).toBe(0);
  vi.advanceTimersByTime(2);
  expect([ends, pauses.any]).toEqual([1, false]);
});

it('a pause is not over before its time when its timer is early by less than its resolution', () => {
  let aheadUs = 0;
  const pauses = new Pauses(() => Date.now() * 1000 - aheadUs);
  let ends = 0;
  pauses.onEnd = () => ends++;
  pauses.begin(type('a'), 0, 10);
  aheadUs = 500;
  vi.advanceTimersByTime(10);
  expect([ends, pauses.has(type('a'), 0)]).toEqual([0, true]);
  vi.advanceTimersByTime(1);
  expect([ends, pauses.has(type('a'), 0)]).toEqual([1, false]);
});
