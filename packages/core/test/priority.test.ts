/** Priorities by name and level, and everything that is neither. */
import { describe, expect, it } from 'vitest';
import { Priority, PRIORITY_COUNT, PRIORITY_NAMES, priorityLevel } from '@ringmain/core';
import { codeOf } from './refusal.ts';

describe('priorityLevel()', () => {
  it.each(PRIORITY_NAMES.map((name, level) => [name, level] as const))('reads %s as %d, by name and by level', (name, level) => {
    expect(priorityLevel(name)).toBe(level);
    expect(priorityLevel(level)).toBe(level);
    expect(Priority[name]).toBe(level);
  });

  it('reads -0 as 0', () => {
    expect(Object.is(priorityLevel(-0), 0)).toBe(true);
  });

  const hostile: [string, unknown][] = [
    ['NaN', Number.NaN],
    ['1.5', 1.5],
    ['-1', -1],
    ['4', 4],
    ['infinity', Infinity],
    ['null', null],
    ['undefined', undefined],
    ['true', true],
    ['1n', 1n],
    ['"1"', '1'],
    ['empty text', ''],
    ['CRITICAL', 'CRITICAL'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['toString', 'toString'],
    ['symbol', Symbol('low')],
    ['array', ['low']],
    ['object without prototype', Object.create(null)],
    [
      'object with valueOf',
      {
        valueOf: () => 1,
        toString: () => {
          throw new Error('must not be called');
        },
      },
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('must not be called');
          },
        },
      ),
    ],
    ['long text', 'x'.repeat(1e6)],
  ];
  it.each(hostile)('refuses %s', (_name, value) => {
    expect(codeOf(() => priorityLevel(value))).toBe('RINGMAIN_PRIORITY_INVALID');
  });

  it('keeps its tables frozen and of one size', () => {
    expect(Object.isFrozen(Priority) && Object.isFrozen(PRIORITY_NAMES)).toBe(true);
    expect(PRIORITY_NAMES).toHaveLength(PRIORITY_COUNT);
    expect(Object.keys(Priority)).toHaveLength(PRIORITY_COUNT);
  });
});
