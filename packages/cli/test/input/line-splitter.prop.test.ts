/** Lines do not depend on where the chunks of a stream happen to end. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InputLine } from '../../dist/input/line-splitter.js';
import { LineSplitter } from '../../dist/input/line-splitter.js';

function cut(bytes: Buffer, ends: readonly number[]): Buffer[] {
  const places = [...new Set(ends.map((end) => end % (bytes.length + 1)))].sort((one, other) => one - other);
  return [0, ...places].map((start, index) => bytes.subarray(start, places[index] ?? bytes.length));
}

function split(chunks: readonly Buffer[], lineBytesMax = 1_000_000): InputLine[] {
  const splitter = new LineSplitter(lineBytesMax);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

/** What a reader of the whole text at once would say. */
function expected(bytes: Buffer, lineBytesMax: number): InputLine[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return lines.map((line, index) => {
    const position = index + 1;
    if (line.length > lineBytesMax) return { position, problem: `has ${line.length} bytes, more than ${lineBytesMax}` };
    try {
      const text = fatal.decode(line);
      return { position, text: position === 1 ? text.replace(/^\uFEFF/, '') : text };
    } catch {
      return { position, problem: 'is not valid UTF-8' };
    }
  });
}

const text = fc
  .array(fc.oneof(fc.constantFrom('\n', '\r\n', 'é', '€', '😀', '\uFEFF', '{"a":1}'), fc.string()), { maxLength: 40 })
  .map((parts) => parts.join(''));
const ends = fc.array(fc.nat(500), { maxLength: 12 });

describe('LineSplitter', () => {
  test('gives the same lines wherever text is cut', () => {
    fc.assert(
      fc.property(text, ends, (content, places) => {
        const bytes = Buffer.from(content);
        expect(split(cut(bytes, places))).toEqual(expected(bytes, 1_000_000));
      }),
      { numRuns: 500 },
    );
  });

  test('gives the same lines and problems for arbitrary bytes and a short bound', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0x0a, 0x61, 0xc3, 0xa9, 0xff), fc.nat(255)), { maxLength: 200 });
    fc.assert(
      fc.property(bytes, ends, fc.integer({ min: 1, max: 20 }), (content, places, lineBytesMax) => {
        const buffer = Buffer.from(content);
        expect(split(cut(buffer, places), lineBytesMax)).toEqual(expected(buffer, lineBytesMax));
      }),
      { numRuns: 500 },
    );
  });

  test('keeps nothing of a line that is too long', () => {
    const splitter = new LineSplitter(100);
    for (let chunk = 0; chunk < 1000; chunk++) expect(splitter.push(Buffer.alloc(1000, 'x'))).toEqual([]);
    expect((splitter as unknown as { openParts: unknown[] }).openParts).toEqual([]);
    expect(splitter.push(Buffer.from('\nnext\n'))).toEqual([
      { position: 1, problem: 'has 1000000 bytes, more than 100' },
      { position: 2, text: 'next' },
    ]);
  });
});
