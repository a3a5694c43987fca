/** Numbers as people read them. */
import { describe, expect, it } from 'vitest';
import { numberText, rateText, textTable } from '../../dist/report/text-table.js';

describe('textTable', () => {
  it('aligns the first column left and the others right', () => {
    expect(textTable(['name', 'n'], [['a', '10']]).split('\n')).toEqual(['name   n', '----  --', 'a     10']);
  });
});

describe('rateText', () => {
  it.each([
    [9_410_000, '9.41M'],
    [372_400, '372k'],
    [4_700, '4700'],
    [null, '-'],
  ])('writes %s as %s', (rate, text) => {
    expect(rateText(rate)).toBe(text);
  });
});

describe('numberText', () => {
  it('gives fewer decimals to larger numbers', () => {
    expect([0.1234, 12.34, 123.4, null].map((value) => numberText(value))).toEqual(['0.12', '12.3', '123', '-']);
  });
});
