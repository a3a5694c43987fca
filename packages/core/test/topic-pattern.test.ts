/** Pattern semantics in both dialects: tables, refusals, and a matcher written the slow and obvious way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '@ringmain/core';
import { codeOf } from './refusal.ts';

describe('compilePattern()', () => {
  const table: [pattern: string, canonical: string, matching: string[], others: string[]][] = [
    ['sensor.mic.v1', 'sensor.mic.v1', ['sensor.mic.v1'], ['sensor.mic', 'sensor.mic.v1.x', 'sensor.mic.v2', 'sensor.micx.v1']],
    ['sensor.*', 'sensor.>', ['sensor.mic', 'sensor.mic.v1'], ['sensor', 'sensors.mic', 'sensor2']],
    ['sensor.*.v1', 'sensor.*.v1', ['sensor.mic.v1'], ['sensor.v1', 'sensor.a.b.v1', 'sensor.mic.v2', 'sensor.mic']],
    ['*', '>', ['a', 'a.b.c', 'systems.x'], ['system.x', '$SYS', '$a.b']],
    ['>', '>', ['a', 'a.b.c'], ['system.x', '$SYS']],
    ['sensor.>', 'sensor.>', ['sensor.a', 'sensor.a.b'], ['sensor']],
    ['nats:sensor.*', 'sensor.*', ['sensor.mic'], ['sensor', 'sensor.mic.v1']],
    ['nats:*', '*', ['a'], ['a.b', '$a']],
    ['*.mic', '*.mic', ['sensor.mic'], ['mic', 'a.b.mic', 'system.mic', '$x.mic']],
    ['*.*', '*.>', ['a.b', 'a.b.c'], ['a', 'system.x']],
    ['system.*', 'system.>', ['system.started', 'system.a.b'], ['system', 'sys.a']],
    ['$SYS.*', '$SYS.>', ['$SYS.a'], ['$SYS', '$SYSX.a']],
  ];
  it.each(table)('%s (canonical %s)', (source, canonical, matching, others) => {
    const pattern = compilePattern(source);
    expect(pattern).toMatchObject({ source, canonical });
    for (const topic of matching) expect([topic, pattern.matches(topic)]).toEqual([topic, true]);
    for (const topic of others) expect([topic, pattern.matches(topic)]).toEqual([topic, false]);
  });

  it('reads a final * as one token in the NATS dialect', () => {
    const pattern = compilePattern('sensor.*', { dialect: 'nats' });
    expect([pattern.canonical, pattern.matches('sensor.mic'), pattern.matches('sensor.mic.v1')]).toEqual([
      'sensor.*',
      true,
      false,
    ]);
  });

  it('says when the two dialects differ', () => {
    expect(compilePattern('a.*').sameInBothDialects).toBe(false);
    expect(compilePattern('a.*.b').sameInBothDialects).toBe(true);
    expect(compilePattern('nats:a.*').sameInBothDialects).toBe(true);
  });

  const invalid: unknown[] = [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a*',
    '*a',
    'a.b*',
    '>.a',
    'a.>.b',
    'a.>x',
    'a b',
    'é',
    'nats:',
    'nats:>.a',
    'x'.repeat(300),
    Array(17).fill('t').join('.'),
    1,
    null,
    undefined,
    {},
    /a/,
  ];
  it.each(invalid.map((pattern) => [String(pattern).slice(0, 20), pattern]))('refuses %j', (_text, pattern) => {
    expect(codeOf(() => compilePattern(pattern))).toBe('RINGMAIN_PATTERN_INVALID');
  });

  it('refuses a dialect it does not know', () => {
    expect(codeOf(() => compilePattern('a', { dialect: 'glob' as 'nats' }))).toBe('RINGMAIN_OPTION_INVALID');
  });

  it('agrees with a recursive matcher over tokens, and with its own canonical form', () => {
    const word = fc.constantFrom('a', 'b', 'ab', 'system', '$s');
    const token = fc.oneof(word, fc.constant('*'));
    const pattern = fc
      .tuple(fc.array(token, { maxLength: 4 }), fc.oneof(word, fc.constantFrom('*', '>')))
      .map(([head, last]) => [...head, last].join('.'));
    const topic = fc.array(word, { minLength: 1, maxLength: 6 }).map((tokens) => tokens.join('.'));
    fc.assert(
      fc.property(pattern, topic, (source, name) => {
        const compiled = compilePattern(source);
        const expected =
          reserved(name) && (source[0] === '*' || source[0] === '>') ? false : slow(source.split('.'), name.split('.'));
        const canonical = compilePattern(`nats:${compiled.canonical}`);
        return (
          compiled.matches(name) === expected &&
          canonical.matches(name) === expected &&
          canonical.canonical === compiled.canonical
        );
      }),
      { numRuns: 2000 },
    );
  });
});

function reserved(name: string): boolean {
  return name.startsWith('$') || name.startsWith('system.');
}

/** Matches by trying every split of the topic for a tail wildcard. */
function slow(pattern: string[], topic: string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return topic.length === 0;
  if (topic.length === 0) return false;
  if (rest.length === 0 && (first === '*' || first === '>')) return true;
  return (first === '*' || first === topic[0]) && slow(rest, topic.slice(1));
}
