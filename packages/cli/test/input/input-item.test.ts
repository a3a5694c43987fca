/** What makes a line or entry an event. */
import { describe, expect, test } from 'vitest';
import { itemOfLine, itemOfValue } from '../../dist/input/input-item.js';

const messageOf = (text: string): string | undefined => {
  const item = itemOfLine(7, text);
  return item !== undefined && 'error' in item ? item.error.message : undefined;
};

describe('itemOfLine', () => {
  test('reads type and data', () => {
    expect(itemOfLine(1, '{"type":"a.b","data":{"id":1}}')).toEqual({
      position: 1,
      event: { type: 'a.b', data: { id: 1 }, options: undefined },
    });
  });

  test('reads data that is null, false or zero', () => {
    for (const data of ['null', 'false', '0', '""'])
      expect(itemOfLine(1, `{"type":"a","data":${data}}`)).toMatchObject({ event: { data: JSON.parse(data) } });
  });

  test('passes attributes on as options', () => {
    const attributes = { key: 'k', priority: 'high', subject: 's', correlationId: 'c', metadata: { a: 'b' } };
    expect(itemOfLine(1, JSON.stringify({ type: 'a', data: 1, ...attributes }))).toMatchObject({
      event: { options: attributes },
    });
  });

  test.each(['', '   ', '\r', '\t \r'])('skips the blank line %j', (text) => {
    expect(itemOfLine(1, text)).toBeUndefined();
  });

  test.each([
    ['{', 'line 7 is no JSON'],
    ['[1]', 'line 7 is an object'],
    ['null', 'line 7 is null'],
    ['"a"', 'line 7 is "a"'],
    ['{"data":1}', 'line 7 has the type undefined'],
    ['{"type":5,"data":1}', 'line 7 has the type 5'],
    ['{"type":"a"}', 'line 7 has no data'],
    ['{"type":"a","data":1,"prio":"high"}', 'line 7 has the unknown field "prio"'],
    ['{"type":"a","data":1,"__proto__":{"key":"k"}}', 'line 7 has the unknown field "__proto__"'],
    ['{"type":"a","data":1,"toString":1}', 'line 7 has the unknown field "toString"'],
  ])('refuses %s', (text, problem) => {
    expect(messageOf(text)).toContain(`RINGMAIN_INPUT_INVALID: ${problem}`);
  });

  test('keeps the message of a syntax error in one short line', () => {
    const message = messageOf(`{"a":\n\n${'x'.repeat(5000)}`);
    expect(message?.includes('\n')).toBe(false);
    expect(message?.length).toBeLessThan(300);
  });
});

describe('itemOfValue', () => {
  test('refuses an entry whose getters throw', () => {
    const entry = {
      get type(): string {
        throw new Error('no');
      },
    };
    expect(itemOfValue('entry', 3, entry)).toMatchObject({ position: 3, error: { code: 'RINGMAIN_INPUT_INVALID' } });
  });
});
