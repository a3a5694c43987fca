/** Whatever the input is, it is refused with one kind of error or it is accepted for good. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRingmainError } from '@ringmain/core';
import type { ConfigKey } from '../../dist/config/index.js';
import { applyEnvironment } from '../../dist/config/environment.js';
import { configKeys } from '../../dist/config/index.js';
import { parseConfig, resolveConfig } from '../../dist/config/parse-config.js';
import { withValueAt } from './key-values.ts';

const junk = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
});
const names = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'shards',
    'lanes',
    'normal',
    'capacityBytes',
    'log',
    'level',
    'subscribers',
  ),
  fc.string(),
);

/** Junk whose keys are often right, so that it reaches the depths of the schema. */
const nearJunk = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, junk, fc.integer(), fc.constantFrom('auto', 'info', 4096, 65_536), tie('object')),
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 6 }).map((entries) => {
    const object: Record<string, unknown> = {};
    for (const [key, value] of entries)
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    return object;
  }),
})).object;

const oneKey = fc.tuple(fc.constantFrom(...configKeys()), fc.oneof(junk, fc.integer(), fc.double(), fc.string()));

function parseOrRefuse(input: unknown): unknown {
  try {
    return parseConfig(input);
  } catch (error) {
    if (isRingmainError(error, 'RINGMAIN_CONFIG_INVALID') && (error.details['problems'] as unknown[]).length > 0)
      return undefined;
    throw error;
  }
}

describe('parseConfig', () => {
  test('throws nothing but RINGMAIN_CONFIG_INVALID with at least one problem', () => {
    fc.assert(
      fc.property(fc.oneof(junk, nearJunk), (input) => void parseOrRefuse(input)),
      { numRuns: 2000 },
    );
  });

  test('takes or refuses any value of any key, and names that key', () => {
    fc.assert(
      fc.property(oneKey, ([key, value]: [ConfigKey, unknown]) => {
        try {
          parseConfig(withValueAt({}, key.keys, value));
        } catch (error) {
          if (!isRingmainError(error, 'RINGMAIN_CONFIG_INVALID')) throw error;
          const [problem] = error.details['problems'] as { path: string }[];
          // A size may be refused because of the lane or bay it has to fit, a time because of another one; that problem stands there.
          const related = ['recordBytesMax', 'coordinator.tickMs', 'flow.targetMs', 'flow.ladder.stepUpMs'].includes(key.path);
          if (!related) expect(problem?.path.startsWith(key.path)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('is idempotent: an effective configuration is a valid one and stands for itself', () => {
    const shards = fc.oneof(fc.integer({ min: 0, max: 64 }), fc.constant('auto' as const));
    const capacity = fc.integer({ min: 18, max: 28 }).map((power) => ({ capacityBytes: 2 ** power }));
    const input = fc.record(
      {
        shards,
        lanes: fc.record({ low: capacity, high: capacity }, { requiredKeys: [] }),
        mesh: capacity,
        warmSpare: fc.boolean(),
        source: fc.string({ minLength: 1, maxLength: 256 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(input, (value) => {
        const config = resolveConfig(value, { parallelism: 8 });
        expect(resolveConfig(config, { parallelism: 3 })).toEqual(config);
      }),
    );
  });
});

describe('applyEnvironment', () => {
  test('with any variables over any input leads to a configuration or to a refusal, and leaves the input as it was', () => {
    const variable = fc.oneof(
      fc.constantFrom(...configKeys().map((key) => key.variable)),
      fc.string().map((name) => `RINGMAIN_${name}`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.oneof(junk, nearJunk), fc.dictionary(variable, fc.oneof(fc.string(), fc.json())), (input, environment) => {
        const before = fc.stringify(input);
        parseOrRefuse(applyEnvironment(input, environment).input);
        expect(fc.stringify(input)).toBe(before);
      }),
      { numRuns: 1000 },
    );
  });
});
