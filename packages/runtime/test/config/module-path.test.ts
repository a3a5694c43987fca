/** Module paths of a configuration. */
import { describe, expect, test } from 'vitest';
import { isModulePath, moduleUrl } from '../../dist/config/module-path.js';

const base = new URL('file:///srv/app/ringmain.json');

describe('moduleUrl', () => {
  test.each([
    ['./handlers.js', 'file:///srv/app/handlers.js'],
    ['handlers.js', 'file:///srv/app/handlers.js'],
    ['../lib/handlers.ts', 'file:///srv/lib/handlers.ts'],
    ['a b/100%/c#d?.js', 'file:///srv/app/a%20b/100%25/c%23d%3F.js'],
    ['file:///opt/x.js', 'file:///opt/x.js'],
  ])('resolves %s relative to the configuration', (path, url) => {
    expect(moduleUrl(path, base).href).toBe(url);
  });

  test.skipIf(process.platform === 'win32')('keeps an absolute path', () => {
    expect(moduleUrl('/opt/a#b.js', base).href).toBe('file:///opt/a%23b.js');
  });
});

describe('isModulePath', () => {
  test.each(['./a.js', 'a.js', '/a.js', 'C:\\a.js', 'file:///a.js', 'a b.ts'])('takes %s', (path) => {
    expect(isModulePath(path)).toBe(true);
  });

  test.each(['https://host/a.js', 'data:text/javascript,0', 'node:fs', 'npm:a', 'a\0.js'])('refuses %j', (path) => {
    expect(isModulePath(path)).toBe(false);
  });
});
