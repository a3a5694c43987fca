/** Which exit code stands for what. */
import { describe, expect, test } from 'vitest';
import { RingmainError } from '@ringmain/core';
import { EXIT_CODE_TEXTS, ExitCode, exitCodeOf, exitCodeOfStart } from '../dist/exit-codes.js';
import type { RunEnd } from '../dist/exit-codes.js';

const good: RunEnd = { signal: undefined, failed: false, complete: true, inputClean: true };

describe('exitCodeOf', () => {
  test.each<[more: Partial<RunEnd>, code: number]>([
    [{}, 0],
    [{ complete: false }, 1],
    [{ complete: false, inputClean: false }, 1],
    [{ inputClean: false }, 3],
    [{ signal: 'SIGINT' }, 130],
    [{ signal: 'SIGTERM', complete: false, inputClean: false }, 143],
    [{ failed: true, signal: 'SIGINT', complete: false }, 4],
  ])('of %j is %i', (more, code) => {
    expect(exitCodeOf({ ...good, ...more })).toBe(code);
  });
});

describe('exitCodeOfStart', () => {
  test('tells what the user can mend from what the runtime could not do', () => {
    expect(exitCodeOfStart(new RingmainError('RINGMAIN_CONFIG_INVALID', 'bad'))).toBe(2);
    expect(exitCodeOfStart(new RingmainError('RINGMAIN_SUBSCRIBER_LOAD_FAILED', 'bad'))).toBe(2);
    expect(exitCodeOfStart(new RingmainError('RINGMAIN_LIMIT_EXCEEDED', 'memory could not be reserved'))).toBe(2);
    expect(exitCodeOfStart(new RingmainError('RINGMAIN_START_FAILED', 'bad'))).toBe(4);
    expect(exitCodeOfStart(new TypeError('bad'))).toBe(4);
  });
});

describe('EXIT_CODE_TEXTS', () => {
  test('documents every code', () => {
    expect(EXIT_CODE_TEXTS.map(([code]) => code)).toEqual(Object.values(ExitCode));
  });
});
