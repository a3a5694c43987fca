/** Reading configuration files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONFIG_FILE_BYTES_MAX, loadConfig } from '../../dist/config/load-config.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringmain-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string | Buffer): string {
  const path = join(folder, 'ringmain.json');
  writeFileSync(path, text);
  return path;
}

const load = (text: string | Buffer, environment = {}) => loadConfig(file(text), { environment });

describe('loadConfig', () => {
  test('reads a file by path and by URL', () => {
    const path = file('{ "shards": 3 }');
    const loaded = loadConfig(path, { environment: {} });
    expect(loaded.config.shards).toBe(3);
    expect(loaded.baseUrl.href).toBe(pathToFileURL(path).href);
    expect(loadConfig(pathToFileURL(path), { environment: {} })).toEqual(loaded);
    expect(loadConfig(pathToFileURL(path).href, { environment: {} })).toEqual(loaded);
  });

  test('skips a byte order mark', () => {
    expect(load('\uFEFF{ "shards": 3 }').config.shards).toBe(3);
  });

  test('gives line and column of a problem', () => {
    expect(() =>
      load('{\n  "shards": 2,\n  "lanes": { "low": {\n    "capacityBytes": 5 } },\n  "subscribers": ["./a.js", 7]\n}'),
    ).toThrow(/lanes\.low\.capacityBytes \(line 4, column 5\): is 5 .*\n {2}subscribers\[1\] \(line 5, column 29\): is 7 /);
  });

  test.each<[name: string, text: string, place: string]>([
    ['a missing value', '{\n  "shards": \n}', 'line 3, column 1'],
    ['a misspelt word', '{ "warmSpare":\n tru }', 'line 2, column 2'],
    ['a comment', '{\n// two shards\n"shards": 2 }', 'line 2, column 1'],
    ['a missing comma', '{ "shards": 2 "wait": "async" }', 'line 1, column 15'],
    ['text after the end', '{}\n}', 'line 2, column 1'],
    ['an empty file', '', 'line 1, column 1'],
    ['a byte that is no text', '{ "shards": 2 \u0000}', 'line 1, column 15'],
  ])('gives line and column of %s', (_name, text, place) => {
    expect(() => load(text)).toThrow(`is no JSON at ${place}: `);
  });

  test('refuses a key given twice, of which a parser keeps the last', () => {
    expect(() => load('{ "shards": 2,\n "log": { "level": "info",\n "level": "warn" },\n "shards": 4 }')).toThrow(
      /log\.level.*is given twice, in line 2 and line 3[^]*shards.*is given twice, in line 1 and line 4/,
    );
  });

  test('refuses a prototype and leaves objects alone', () => {
    expect(() => load('{ "__proto__": { "polluted": true } }')).toThrow('__proto__ (line 1, column 3): is an unknown key');
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('lays environment variables over the file and names them in problems', () => {
    expect(load('{ "shards": 2 }', { RINGMAIN_SHARDS: '5' }).config.shards).toBe(5);
    expect(() => load('{ "shards": 2 }', { RINGMAIN_SHARDS: '-5' })).toThrow(
      'shards (environment variable RINGMAIN_SHARDS): is -5',
    );
    expect(() => load('{}', { RINGMAIN_SUBSCRIBERS: '["./a.js", 5]' })).toThrow(
      'subscribers[1] (environment variable RINGMAIN_SUBSCRIBERS): is 5',
    );
    expect(() => load('{}', { RINGMAIN_SHARD: '5' })).toThrow('the nearest known one is "RINGMAIN_SHARDS"');
    expect(load('{}', { RINGMAIN_PORT: 'tcp' }).ignoredVariables).toEqual(['RINGMAIN_PORT']);
  });

  test('uses the environment of the process unless told otherwise', () => {
    process.env['RINGMAIN_SOURCE'] = 'from-the-process';
    try {
      expect(loadConfig(file('{}')).config.source).toBe('from-the-process');
    } finally {
      delete process.env['RINGMAIN_SOURCE'];
    }
  });

  test.each<[name: string, path: () => string | URL]>([
    ['a missing file', () => join(folder, 'missing.json')],
    ['a folder', () => folder],
    ['a URL of another scheme', () => new URL('https://host/ringmain.json')],
    ['a broken URL', () => 'file:///%'],
    ['a NUL character', () => 'a\0b'],
    ['an empty path', () => ''],
  ])('refuses %s', (_name, path) => {
    expect(() => loadConfig(path())).toThrow(expect.objectContaining({ code: 'RINGMAIN_CONFIG_INVALID' }));
  });

  test('refuses a file beyond the largest size without reading it', () => {
    expect(() => load(Buffer.alloc(CONFIG_FILE_BYTES_MAX + 1, ' '))).toThrow(`it has ${CONFIG_FILE_BYTES_MAX + 1} bytes`);
  });

  test('refuses nesting of any depth', () => {
    const depth = 100_000;
    expect(() => load(`{ "lanes": ${'['.repeat(depth)}${']'.repeat(depth)} }`)).toThrow('lanes');
    expect(() => load('['.repeat(depth))).toThrow('is no JSON');
  });
});
