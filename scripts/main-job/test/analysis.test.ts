/** What the job finds in a file: syntax, hash, lines; and the input it finds. */
import { describe, expect, it } from 'vitest';
import { countSource, hashSource } from '../dist/analysis/examine-source.js';
import { kindOf, parseSource } from '../dist/analysis/parse-source.js';
import { countByPackage, discoverFiles } from '../dist/discover-files.js';

describe('parseSource()', () => {
  it('counts functions, classes, imports and nesting of a module', () => {
    const source = `import a from 'a';
      import('b');
      const c = require('c');
      class D { e() { if (c) { return () => 1; } } }
      function f() {}`;
    // The class body, the method and the `if` lie in each other.
    expect(parseSource(Buffer.from(source), 'js')).toEqual({ parsed: true, functions: 3, classes: 1, imports: 3, nestingMax: 3 });
  });

  it('reads scripts, JSX, TypeScript and declarations, each by its kind', () => {
    const parses = (text: string, kind: string): boolean => parseSource(Buffer.from(text), kind).parsed;
    expect(parses('with (a) { b = 010; }', 'cjs')).toBe(true);
    expect(parses('const a = <b>{c}</b>;', 'js')).toBe(true);
    expect(parses('const a = <T,>(b: T): T => b;', 'ts')).toBe(true);
    expect(parses('export declare function a(b: number): string; export { c }', 'd.ts')).toBe(true);
    expect(parses('let a: number;', 'js')).toBe(false);
  });

  it('reports a file that does not parse, and does not throw', () => {
    expect(parseSource(Buffer.from('function ('), 'js')).toEqual({
      parsed: false,
      functions: 0,
      classes: 0,
      imports: 0,
      nestingMax: 0,
    });
  });

  it('is not stopped by syntax that nests deeper than a stack', () => {
    const deep = Buffer.from(`a${'+a'.repeat(20_000)}`);
    expect(() => parseSource(deep, 'js')).not.toThrow();
  });
});

describe('kindOf()', () => {
  it.each([
    ['a/b.js', 'js'],
    ['a.b/c.mjs', 'mjs'],
    ['a/b.ts', 'ts'],
    ['a/b.d.ts', 'd.ts'],
    ['a/b.d.mts', 'd.mts'],
  ])('of %s is %s', (path, kind) => {
    expect(kindOf(path)).toBe(kind);
  });
});

describe('countSource()', () => {
  it.each([
    ['', { lines: 0, blankLines: 0 }],
    ['a', { lines: 1, blankLines: 0 }],
    ['a\n', { lines: 1, blankLines: 0 }],
    ['a\n\n \t\r\nb', { lines: 4, blankLines: 2 }],
    ['\n ', { lines: 2, blankLines: 2 }],
  ])('of %j counts lines as an editor does', (text, expected) => {
    expect(countSource(Buffer.from(text))).toEqual({ bytes: text.length, ...expected });
  });
});

describe('hashSource()', () => {
  it('is SHA-256', () => {
    expect(hashSource(Buffer.from('abc')).sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('discoverFiles()', () => {
  const files = discoverFiles(Infinity);

  it('finds thousands of files, each once, in many packages', () => {
    expect(files.length).toBeGreaterThan(2000);
    expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    expect(countByPackage(files).size).toBeGreaterThan(50);
  });

  it('lets packages take turns, so that a part of the input is a part of every package', () => {
    const packages = countByPackage(files).size;
    const first = discoverFiles(packages);
    expect(first).toEqual(files.slice(0, packages));
    expect(countByPackage(first).size).toBe(packages);
  });
});
