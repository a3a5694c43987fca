/** Counters of two words against one unbounded number, with carries, and readers that meet a writer half-way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GROUP_CELLS, GroupCell, THREAD_CELLS, ThreadCell, addToCell, readCell } from '@ringmain/ring';

const WORD = 2 ** 32;

describe('addToCell()', () => {
  it('adds as an unbounded number does, through any number of carries', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 20),
        fc.integer({ min: 0, max: WORD - 1 }),
        fc.array(fc.oneof(fc.constantFrom(0, 1), fc.nat(100), fc.integer({ min: 0, max: WORD - 1 })), { maxLength: 50 }),
        (high, low, amounts) => {
          const words = new Int32Array([7, low | 0, high, 7]);
          let expected = high * WORD + low;
          for (const amount of amounts) {
            addToCell(words, 1, amount);
            expected += amount;
            expect(readCell(words, 1)).toBe(expected);
          }
          expect([words[0], words[3]]).toEqual([7, 7]);
        },
      ),
    );
  });

  it.each([0, 1, WORD / 2 - 1, WORD / 2, WORD - 1])('carries from a low word of %d exactly at 2^32', (low) => {
    const words = new Int32Array([low | 0, 3]);
    addToCell(words, 0, WORD - 1 - low);
    expect(readCell(words, 0)).toBe(3 * WORD + WORD - 1);
    addToCell(words, 0, 1);
    expect([words[0], words[1]]).toEqual([0, 4]);
  });
});

describe('readCell()', () => {
  it('reads again when a carry falls between its two looks', () => {
    const words = new Int32Array([-1, 5]);
    let looks = 0;
    const meeting = new Proxy(words, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        // After the first look at the high word the owner counts on.
        if (key === '1' && looks++ === 0) addToCell(words, 0, 1);
        return value;
      },
    });
    expect(readCell(meeting, 0)).toBe(6 * WORD);
  });
});

describe('GroupCell and ThreadCell', () => {
  it('name distinct cells inside what is reserved', () => {
    const cells = Object.values(GroupCell);
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...cells)).toBeLessThan(GROUP_CELLS);
    expect(Math.max(...Object.values(ThreadCell))).toBeLessThan(THREAD_CELLS);
  });
});
