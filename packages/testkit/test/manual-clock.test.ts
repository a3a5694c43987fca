/**
 * The manual clock: two times that move only when told to.
 */
import { describe, expect, test } from 'vitest';
import { manualClock } from '@ringmain/testkit';

describe('manualClock()', () => {
  test('stands still until it is advanced, which moves both times', () => {
    const clock = manualClock(5, 1_000);
    expect([clock.monotonicUs(), clock.wallMs()]).toEqual([5, 1_000]);
    clock.advance(2_500);
    expect([clock.monotonicUs(), clock.wallMs()]).toEqual([2_505, 1_002]);
    clock.advance(500);
    expect(clock.wallMs()).toBe(1_003);
  });

  test('steps wall-clock time alone, in either direction', () => {
    const clock = manualClock(0, 10_000);
    clock.stepWall(-4_000);
    expect([clock.monotonicUs(), clock.wallMs()]).toEqual([0, 6_000]);
    clock.stepWall(1);
    expect(clock.wallMs()).toBe(6_001);
  });

  test.each([-1, Number.NaN])('does not go back: advance(%s) throws', (us) => {
    expect(() => manualClock().advance(us)).toThrow('clock advanced by');
  });
});
