/** Bad values, defaults and the shape of the effective configuration. */
import { describe, expect, test } from 'vitest';
import { isRingmainError } from '@ringmain/core';
import type { RingmainError } from '@ringmain/core';
import type { ConfigProblem } from '../../dist/config/index.js';
import { configKeys, parseConfig } from '../../dist/config/index.js';
import { automaticShards, resolveConfig } from '../../dist/config/parse-config.js';
import { anotherValue, valueAt, withValueAt } from './key-values.ts';

function refusal(input: unknown): RingmainError {
  try {
    parseConfig(input, 'test.json');
  } catch (error) {
    if (isRingmainError(error, 'RINGMAIN_CONFIG_INVALID')) return error;
    throw error;
  }
  throw new Error(`accepted: ${JSON.stringify(input)}`);
}

function problemsIn(input: unknown): readonly ConfigProblem[] {
  return refusal(input).details['problems'] as readonly ConfigProblem[];
}

describe('parseConfig', () => {
  test.each<[name: string, input: unknown, paths: string[]]>([
    ['null', null, ['$']],
    ['an array', [], ['$']],
    ['a text', '{}', ['$']],
    ['undefined', undefined, ['$']],
    ['a negative number of shards', { shards: -1 }, ['shards']],
    ['a fraction of a shard', { shards: 1.5 }, ['shards']],
    ['shards as text', { shards: '8' }, ['shards']],
    ['NaN shards', { shards: Number.NaN }, ['shards']],
    ['too many shards', { shards: 65 }, ['shards']],
    ['a lane as number', { lanes: { low: 4096 } }, ['lanes.low']],
    ['a capacity that is no power of two', { lanes: { low: { capacityBytes: 1_000_000 } } }, ['lanes.low.capacityBytes']],
    [
      'a capacity that is out of range and no power of two',
      { lanes: { low: { capacityBytes: 3 } } },
      ['lanes.low.capacityBytes'],
    ],
    ['a capacity beyond the largest', { mesh: { capacityBytes: 2 ** 29 } }, ['mesh.capacityBytes']],
    ['an infinite capacity', { mesh: { capacityBytes: Number.POSITIVE_INFINITY } }, ['mesh.capacityBytes']],
    ['null in place of a section', { coordinator: null }, ['coordinator']],
    ['an unknown wait strategy', { wait: 'busy' }, ['wait']],
    ['a level as number', { log: { level: 30 } }, ['log.level']],
    ['a zero period', { shutdownMs: 0 }, ['shutdownMs']],
    ['a period beyond a day', { deliveryTimeoutMs: 1e9 }, ['deliveryTimeoutMs']],
    ['an unknown growth of delays', { retry: { backoff: 'fast' } }, ['retry.backoff']],
    ['no delays', { retry: { backoff: [] } }, ['retry.backoff']],
    ['too many delays', { retry: { backoff: Array.from({ length: 101 }, () => 1) } }, ['retry.backoff']],
    ['a delay beyond a day', { retry: { backoff: [1, 86_400_001] } }, ['retry.backoff[1]']],
    ['a delay as text', { retry: { backoff: [1, '1'] } }, ['retry.backoff']],
    ['a flag as text', { warmSpare: 'yes' }, ['warmSpare']],
    ['subscribers as text', { subscribers: './a.js' }, ['subscribers']],
    [
      'entries that are no paths',
      { subscribers: ['./a.js', 1, 'https://host/a.js', ''] },
      ['subscribers[1]', 'subscribers[2]', 'subscribers[3]'],
    ],
    ['an empty source', { source: '' }, ['source']],
    ['a resource limit of zero', { resourceLimits: { stackSizeMb: 0 } }, ['resourceLimits.stackSizeMb']],
    ['unknown keys at two depths', { shardz: 1, lanes: { urgent: {} } }, ['lanes.urgent', 'shardz']],
    ['a key that is no name', { 'a.b': 1 }, ['["a.b"]']],
    ['names of inherited properties', { constructor: 1, toString: 1 }, ['constructor', 'toString']],
    ['a prototype', JSON.parse('{"__proto__": {"shards": 1}}'), ['__proto__']],
    ['a prototype below', JSON.parse('{"lanes": {"__proto__": {"low": 1}}}'), ['lanes.__proto__']],
    [
      'several at once',
      { shards: null, bay: { slots: 1, bytes: 1 }, log: { level: 'loud' } },
      ['shards', 'bay.slots', 'bay.bytes', 'log.level'],
    ],
    [
      'lanes too small for records',
      { lanes: { high: { capacityBytes: 4096 } }, mesh: { capacityBytes: 65_536 } },
      ['lanes.high.capacityBytes', 'mesh.capacityBytes'],
    ],
    ['records too large for lanes', { recordBytesMax: 131_072 }, ['mesh.capacityBytes']],
    ['a bay too small for a record', { bay: { bytes: 16_384 } }, ['bay.bytes']],
    ['an interval shorter than the target', { flow: { targetMs: 20, intervalMs: 10 } }, ['flow.intervalMs']],
    [
      'steps down that come sooner than steps up',
      { flow: { ladder: { stepUpMs: 200, stepDownMs: 100 } } },
      ['flow.ladder.stepDownMs'],
    ],
    [
      'a burst with which a queue would fall behind its rate',
      { publishRate: { perSecond: 10_000, burst: 10, onLimit: 'queue' } },
      ['publishRate.burst'],
    ],
    ['an idle tick shorter than the tick', { coordinator: { tickMs: 200, idleTickMs: 100 } }, ['coordinator.idleTickMs']],
  ])('names the path of %s', (_name, input, paths) => {
    expect(problemsIn(input).map((problem) => problem.path)).toEqual(paths);
  });

  test('states path, actual value and allowed range of every problem in the message', () => {
    const { message } = refusal({ shards: -1, lanes: { low: { capacityBytes: 5000 } }, wait: 'busy' });
    expect(message).toBe(
      [
        'RINGMAIN_CONFIG_INVALID: 3 problems in test.json',
        '  shards: is -1 (allowed: an integer from 0 to 64 or "auto")',
        '  lanes.low.capacityBytes: is 5000 (allowed: a power of two from 4096 to 268435456)',
        '  wait: is "busy" (allowed: "async", "blocking", "spinning")',
      ].join('\n'),
    );
  });

  test.each([
    [{ shard: 2 }, 'shards'],
    [{ SHARDS: 2 }, 'shards'],
    [{ lanes: { norml: {} } }, 'lanes.normal'],
    [{ lanes: { normal: { capacity: 4096 } } }, 'lanes.normal.capacityBytes'],
    [{ subscriber: [] }, 'subscribers'],
    [{ tickMs: 100 }, 'coordinator.tickMs'],
    [{ level: 'info' }, 'log.level'],
    [{ restart: { maxRestart: 5 } }, 'restart.maxRestarts'],
    [{ 'log.level': 'info' }, 'log.level'],
  ])('names the known key nearest to the unknown one of %j', (input, nearest) => {
    const [problem] = problemsIn(input);
    expect(problem?.nearest).toBe(nearest);
    expect(problem?.found).toContain(`"${nearest}"`);
  });

  test('says which lane or record size would fit', () => {
    const [problem] = problemsIn({ recordBytesMax: 65_536, lanes: { low: { capacityBytes: 131_072 } } });
    // 131072 / 2 holds 65536 bytes only with its frame, so the lane is 8 bytes short.
    expect(problem?.allowed).toBe('at least 262144, or recordBytesMax at most 65528');
    expect(parseConfig({ recordBytesMax: 65_528, lanes: { low: { capacityBytes: 131_072 } } }).recordBytesMax).toBe(65_528);
    expect(parseConfig({ recordBytesMax: 65_536, lanes: { low: { capacityBytes: 262_144 } } }).recordBytesMax).toBe(65_536);
  });

  test('bounds the message whatever the number and length of the keys', () => {
    const input = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`${'k'.repeat(1000)}${index}`, 1]));
    const { message } = refusal(input);
    expect(message).toContain('and 4900 more');
    expect(message.length).toBeLessThan(100_000);
  });

  test('refuses input whose getters and traps throw', () => {
    const hostile = {
      get shards(): number {
        throw new TypeError('trap');
      },
    };
    expect(problemsIn(hostile).map((problem) => problem.path)).toEqual(['$']);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(problemsIn(proxy).map((problem) => problem.path)).toEqual(['$']);
  });

  test('leaves the prototype of objects alone', () => {
    refusal(JSON.parse('{"__proto__": {"polluted": true}, "lanes": {"__proto__": {"polluted": true}}}'));
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('fills in every default and freezes the result', () => {
    const config = parseConfig({ shards: 2 });
    expect(config).toMatchObject({
      shards: 2,
      mesh: { capacityBytes: 262_144 },
      bay: { slots: 65_536, bytes: 8_388_608 },
      wait: 'async',
      coordinator: { tickMs: 100, idleTickMs: 1000 },
      restart: { maxRestarts: 5, withinMs: 60_000 },
      warmSpare: true,
      log: { level: 'info' },
      subscribers: [],
      source: 'ringmain',
    });
    expect(config.lanes.critical.capacityBytes).toBe(1_048_576);
    for (const key of configKeys()) {
      if (key.default !== undefined && key.path !== 'shards')
        expect([key.path, valueAt(config, key.keys)]).toEqual([key.path, key.default]);
    }
    for (const part of [config, config.lanes, config.lanes.low, config.subscribers]) expect(Object.isFrozen(part)).toBe(true);
  });

  test('says of every key which values it allows', () => {
    expect(configKeys().filter(({ allowed }) => allowed === 'any value')).toEqual([]);
  });

  test.each(configKeys().map((key) => [key.path, key] as const))('honours %s', (_path, key) => {
    const value = anotherValue(key);
    const config = parseConfig(withValueAt({ shards: 3, ...relaxed(key.path) }, key.keys, value));
    expect(valueAt(config, key.keys)).toEqual(value);
  });

  test('does not keep a reference to the input', () => {
    const input = { subscribers: ['./a.js'] };
    const config = parseConfig(input);
    input.subscribers.push('./b.js');
    expect(config.subscribers).toEqual(['./a.js']);
    expect(Object.isFrozen(input.subscribers)).toBe(false);
  });

  test('drops $schema, which only editors read', () => {
    expect(parseConfig({ $schema: './ringmain.schema.json', shards: 1 })).toEqual(parseConfig({ shards: 1 }));
  });

  test('survives a structured clone, as it travels to threads', () => {
    const config = parseConfig({ shards: 1, resourceLimits: { maxOldGenerationSizeMb: 64 } });
    expect(structuredClone(config)).toEqual(config);
  });
});

describe('automaticShards', () => {
  test.each([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [8, 6],
    [66, 64],
    [256, 64],
  ])('on %i hardware threads is %i', (parallelism, shards) => {
    expect(automaticShards(parallelism)).toBe(shards);
    expect(resolveConfig({}, { parallelism }).shards).toBe(shards);
    expect(resolveConfig({ shards: 'auto' }, { parallelism }).shards).toBe(shards);
  });
});

describe('shardsMax', () => {
  test.each([
    [{ shards: 3 }, 3, 3],
    [{ shards: 3, shardsMax: 3 }, 3, 3],
    [{ shards: 3, shardsMax: 8 }, 3, 8],
    [{ shardsMax: 4 }, 4, 4],
    [{ shardsMax: 20 }, 6, 20],
    [{ shards: 'auto' as const }, 6, 6],
    // Nothing to resize; a file may be tried out with RINGMAIN_SHARDS=0.
    [{ shards: 0, shardsMax: 8 }, 0, 0],
  ])('of %j on 8 hardware threads: %i of %i shards', (input, shards, shardsMax) => {
    expect(resolveConfig(input, { parallelism: 8 })).toMatchObject({ shards, shardsMax });
  });

  test.each([
    [{ shards: 3, shardsMax: 2 }, 'is 2, less than shards 3 (allowed: an integer from 3 to 64)'],
    [{ shardsMax: 0 }, 'is 0, less than shards auto (allowed: an integer from 1 to 64)'],
  ])('cannot be less than the shards there are: %j', (input, message) => {
    expect(() => parseConfig(input)).toThrow(`shardsMax: ${message}`);
  });
});

/** What has to give way so that another value of a key still fits the rest. */
function relaxed(path: string): Record<string, unknown> {
  return path.endsWith('capacityBytes') || path.startsWith('bay.') ? { recordBytesMax: 1024 } : {};
}

test('delays between attempts may be listed, as a subscriber may', () => {
  for (const backoff of [[0], [100, 500, 86_400_000], Array.from({ length: 100 }, () => 1)])
    expect(parseConfig({ retry: { backoff } }).retry.backoff).toEqual(backoff);
  const [problem] = problemsIn({ retry: { backoff: [] } });
  expect(problem).toMatchObject({ found: 'is an array of 0', allowed: expect.stringMatching(/1 to 100 .* from 0 to 86400000$/) });
});
