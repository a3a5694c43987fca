/** The topic grammar and its limits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTopic, isReservedTopic, LIMITS } from '@ringmain/core';
import { codeOf } from './refusal.ts';

describe('checkTopic()', () => {
  it.each([
    'order',
    'order.placed',
    'a-b_c.D1',
    'a!/:~',
    'x'.repeat(LIMITS.topicChars),
    Array(LIMITS.topicTokens).fill('t').join('.'),
    'systems.a',
    'system',
    'a.$b',
    'a.system.b',
  ])('accepts %j', (name) => {
    expect(checkTopic(name)).toBe(name);
  });

  const invalid: unknown[] = [
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a\tb',
    'a\u0000',
    'a.*',
    '*',
    '>',
    'a.>',
    'a*b',
    'é',
    '\u007f',
    '\ud800',
    'x'.repeat(LIMITS.topicChars + 1),
    Array(LIMITS.topicTokens + 1)
      .fill('t')
      .join('.'),
    1,
    null,
    undefined,
    {},
    ['a'],
    Symbol('a'),
  ];
  it.each(invalid.map((name) => [String(name).slice(0, 20), name]))('refuses %j', (_text, name) => {
    expect(codeOf(() => checkTopic(name))).toBe('RINGMAIN_TOPIC_INVALID');
  });

  it.each(['$SYS', '$', 'system.shard.started', '$a.b'])('keeps %j for the runtime', (name) => {
    expect(codeOf(() => checkTopic(name))).toBe('RINGMAIN_TOPIC_RESERVED');
    expect(checkTopic(name, { reserved: true })).toBe(name);
    expect(isReservedTopic(name)).toBe(true);
  });

  it('accepts any tokens of allowed characters within the limits', () => {
    const unit = fc
      .integer({ min: 0x21, max: 0x7e })
      .map((code) => String.fromCharCode(code))
      .filter((text) => !'.*>'.includes(text));
    const token = fc.string({ unit, minLength: 1, maxLength: 12 });
    const topic = fc.array(token, { minLength: 1, maxLength: LIMITS.topicTokens }).map((tokens) => tokens.join('.'));
    fc.assert(fc.property(topic, (name) => checkTopic(name, { reserved: true }) === name));
  });
});
