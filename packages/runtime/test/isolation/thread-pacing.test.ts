import { describe, expect, it } from 'vitest';
import { ThreadPacing } from '../../dist/isolation/thread-pacing.js';

describe('ThreadPacing', () => {
  it('lets the first call after a loss begin at once, and doubles the pause with each loss in a row, up to a second', () => {
    let nowUs = 5_000_000;
    const pacing = new ThreadPacing({ monotonicUs: () => nowUs, wallMs: () => 0 });
    const waits = Array.from({ length: 11 }, () => {
      pacing.lost();
      return pacing.waitMs();
    });
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000]);
    nowUs += 999_500;
    expect(pacing.waitMs()).toBe(1);
    nowUs += 500;
    expect(pacing.waitMs()).toBe(0);
  });

  it('forgets the losses when a handler has ended', () => {
    const pacing = new ThreadPacing({ monotonicUs: () => 0, wallMs: () => 0 });
    for (let loss = 0; loss < 5; loss++) pacing.lost();
    pacing.went();
    expect(pacing.waitMs()).toBe(0);
    pacing.lost();
    expect(pacing.waitMs()).toBe(0);
  });
});
