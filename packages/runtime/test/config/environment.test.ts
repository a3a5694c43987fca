/** Environment variables over a configuration file. */
import { describe, expect, test } from 'vitest';
import { applyEnvironment } from '../../dist/config/environment.js';
import { configKeys, parseConfig } from '../../dist/config/index.js';
import { anotherValue, valueAt } from './key-values.ts';

describe('applyEnvironment', () => {
  test('sets a key at the top and one below, whether or not its section is there', () => {
    const { input, variables } = applyEnvironment(
      { shards: 2, log: { level: 'warn' } },
      { RINGMAIN_SHARDS: '8', RINGMAIN_LANES__NORMAL__CAPACITYBYTES: '4194304', RINGMAIN_LOG__LEVEL: 'debug' },
    );
    expect(input).toEqual({ shards: 8, log: { level: 'debug' }, lanes: { normal: { capacityBytes: 4_194_304 } } });
    expect(variables.get('lanes.normal.capacityBytes')).toBe('RINGMAIN_LANES__NORMAL__CAPACITYBYTES');
  });

  test.each(configKeys().map((key) => [key.variable, key] as const))('%s overrides its key', (variable, key) => {
    const value = anotherValue(key);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    expect(valueAt(applyEnvironment({}, { [variable]: text }).input, key.keys)).toEqual(value);
  });

  test('reads numbers, flags and lists as JSON, and texts as they are', () => {
    const { input } = applyEnvironment(
      {},
      { RINGMAIN_SHARDS: 'auto', RINGMAIN_WARMSPARE: 'false', RINGMAIN_SUBSCRIBERS: '["./a.js"]', RINGMAIN_SOURCE: '123' },
    );
    expect(input).toEqual({ shards: 'auto', warmSpare: false, subscribers: ['./a.js'], source: '123' });
    expect(parseConfig(input).source).toBe('123');
  });

  test('keeps a text that is no number for the schema to refuse', () => {
    const { input } = applyEnvironment({}, { RINGMAIN_SHARDS: 'eight' });
    expect(() => parseConfig(input)).toThrow('shards: is "eight"');
  });

  test('takes an empty variable for one that is not set', () => {
    expect(applyEnvironment({ shards: 2 }, { RINGMAIN_SHARDS: '' }).input).toEqual({ shards: 2 });
  });

  test('leaves a section of the wrong kind for the schema to refuse', () => {
    const { input } = applyEnvironment({ log: 'loud' }, { RINGMAIN_LOG__LEVEL: 'debug' });
    expect(() => parseConfig(input)).toThrow('log: is "loud"');
  });

  test.each(['RINGMAIN_SHARD', 'RINGMAIN_LOG_LEVEL', 'RINGMAIN_LANES__NORMAL__CAPACITY_BYTES'])(
    'takes %s for misspelt',
    (name) => {
      const [problem] = applyEnvironment({}, { [name]: '1' }).problems;
      expect(problem?.path).toBe(name);
      expect(problem?.nearest).toBe(
        { RINGMAIN_SHARD: 'RINGMAIN_SHARDS', RINGMAIN_LOG_LEVEL: 'RINGMAIN_LOG__LEVEL' }[name] ??
          'RINGMAIN_LANES__NORMAL__CAPACITYBYTES',
      );
    },
  );

  test('ignores variables that container platforms set for a service of this name', () => {
    const names = [
      'RINGMAIN_PORT',
      'RINGMAIN_SERVICE_HOST',
      'RINGMAIN_SERVICE_PORT',
      'RINGMAIN_PORT_8080_TCP_ADDR',
      'RINGMAIN_PORT_8080_TCP_PROTO',
    ];
    const { input, problems, ignored } = applyEnvironment({}, Object.fromEntries(names.map((name) => [name, 'tcp'])));
    expect({ input, problems, ignored }).toEqual({ input: {}, problems: [], ignored: names });
  });

  test('does not follow inherited properties of the input', () => {
    const { input } = applyEnvironment(Object.create({ log: { level: 'trace' } }), { RINGMAIN_LOG__LEVEL: 'debug' });
    expect(input).toEqual({ log: { level: 'debug' } });
  });
});
