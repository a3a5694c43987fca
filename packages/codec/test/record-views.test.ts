/** Views over shared memory, and the platform routines they rely on. */
import { describe, expect, it } from 'vitest';
import { RELEASED_VIEWS, recordViews } from '@ringmain/codec';
import { textBuffer } from '../dist/record-views.js';
import { codeOf, memory } from './memory.ts';

describe('recordViews()', () => {
  it('gives three views of the same bytes', () => {
    const views = recordViews(new SharedArrayBuffer(64), 16, 32);
    views.i32[2] = 0x01020304;
    expect([...views.u8.subarray(8, 12)]).toEqual([4, 3, 2, 1]);
    views.f64[3] = 1;
    expect(views.i32[7]).toBe(0x3ff00000);
    expect([views.i32.length, views.u8.length, views.f64.length]).toEqual([8, 32, 4]);
  });

  it.each([
    [4, 8],
    [0, 12],
    [-8, 8],
    [0, 72],
    [64, 8],
    [Number.NaN, 8],
    [0, 1.5],
  ])('refuses offset %d with %d bytes', (offset, bytes) => {
    expect(codeOf(() => recordViews(new SharedArrayBuffer(64), offset, bytes))).toBe('RINGMAIN_OPTION_INVALID');
  });
});

describe('RELEASED_VIEWS', () => {
  it.each(['i32', 'u8', 'f64'] as const)('throws on %s', (name) => {
    expect(codeOf(() => RELEASED_VIEWS[name])).toBe('RINGMAIN_EVENT_RELEASED');
  });
});

describe('TextBuffer', () => {
  it('has copy routines that work on shared memory', () => {
    const u8 = textBuffer(memory(64));
    expect(u8.latin1Write('aÿ', 3, 2)).toBe(2);
    expect(u8.latin1Slice(3, 5)).toBe('aÿ');
    expect(u8.utf8Write('a€', 9, 4)).toBe(4);
    expect(u8.utf8Slice(9, 13)).toBe('a€');
    expect(u8.ucs2Write('\ud800€', 21, 4)).toBe(4);
    expect(u8.ucs2Slice(21, 25)).toBe('\ud800€');
  });
});
