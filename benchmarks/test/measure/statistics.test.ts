/** Medians and paired ratios against values worked out by hand. */
import { describe, expect, it } from 'vitest';
import { median, pairedRatios, quantile, significant } from '../../dist/measure/statistics.js';

describe('median', () => {
  it('takes the middle value, or the mean of the two in the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('has no value for an empty sample', () => {
    expect(median([])).toBeNull();
  });

  it('leaves its argument in order', () => {
    const sample = [3, 1, 2];
    median(sample);
    expect(sample).toEqual([3, 1, 2]);
  });
});

describe('quantile', () => {
  it('interpolates between neighbours', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([7], 0.99)).toBe(7);
  });
});

describe('pairedRatios', () => {
  it('divides within a round and skips rounds that lack a side', () => {
    const values = new Map([
      [0, 20],
      [1, 30],
      [2, 40],
    ]);
    const baseline = new Map([
      [0, 10],
      [2, 10],
      [3, 10],
    ]);
    expect(pairedRatios(values, baseline)).toEqual([2, 4]);
  });
});

describe('significant', () => {
  it('keeps four digits and turns what is no number into null', () => {
    expect(significant(123456)).toBe(123500);
    expect(significant(Number.NaN)).toBeNull();
    expect(significant(null)).toBeNull();
  });
});
