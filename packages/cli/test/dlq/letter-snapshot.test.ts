/** A file of letters is written anew while others write to it. */
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { LetterSnapshot } from '../../dist/dlq/letter-snapshot.js';
import { letterLine } from './letter-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringmain-snapshot-'));
const path = join(folder, 'dead.ndjson');
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

const [a, b, c] = [letterLine('a'), letterLine('b'), letterLine('c')];

/** Replaces a file of `before` by all of its lines but the first, while something happens to it. */
async function replace(before: string, meanwhile: () => void): Promise<string> {
  writeFileSync(path, before);
  chmodSync(path, 0o640);
  const file = new LetterSnapshot(path);
  await file.replace(async (writer) => {
    let isFirst = true;
    for await (const { text } of file.lines()) {
      if (isFirst) meanwhile();
      else writer.add(text);
      isFirst = false;
    }
  });
  file.close();
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  return readFileSync(path, 'utf8');
}

describe('LetterSnapshot.replace()', () => {
  test('reads what stood there when it was opened, and keeps what is appended meanwhile', async () => {
    expect(await replace(`${a}\n${b}\n`, () => appendFileSync(path, `${c}\n`))).toBe(`${b}\n${c}\n`);
    expect(await replace(`${a}\n`, () => appendFileSync(path, `${b}\n${c}\n`))).toBe(`${b}\n${c}\n`);
  });

  test('keeps a letter whole of which only the beginning stood there', async () => {
    const after = await replace(`${a}\n${b}\n${c.slice(0, 40)}`, () => appendFileSync(path, `${c.slice(40)}\n`));
    expect(after).toBe(`${b}\n${c}\n`);
    // Its end never came: it is no letter, and spoils none that comes after it.
    expect(await replace(`${a}\n${b}\n${c.slice(0, 40)}`, () => {})).toBe(`${b}\n${c.slice(0, 40)}\n`);
    // A last line without its end is a letter all the same.
    expect(await replace(`${a}\n${b}`, () => appendFileSync(path, `\n${c}\n`))).toBe(`${b}\n\n${c}\n`);
  });

  test('keeps all of what stands in its place by then: another file, or one that was emptied', async () => {
    const another = (): void => {
      renameSync(path, `${path}.1`);
      // Larger than the old one, as one that was appended to would be.
      writeFileSync(path, `${c}\n`.repeat(3), { mode: 0o600 });
    };
    expect(await replace(`${a}\n${b}\n`, another)).toBe(`${b}\n${`${c}\n`.repeat(3)}`);
    expect(await replace(`${a}\n${b}\n`, () => writeFileSync(path, `${c}\n`))).toBe(`${b}\n${c}\n`);
    expect(await replace(`${a}\n${b}\n`, () => rmSync(path))).toBe(`${b}\n`);
  });

  test('leaves the file as it is when the new one cannot be written to its end', async () => {
    writeFileSync(path, `${a}\n`);
    const file = new LetterSnapshot(path);
    const failing = file.replace(async (writer) => {
      writer.add(b);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrowError('no');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe(`${a}\n`);
    expect(readdirSync(folder)).toEqual(['dead.ndjson']);
  });

  test('what is no file is refused', () => {
    expect(() => new LetterSnapshot(tmpdir())).toThrowError(/RINGMAIN_INPUT_INVALID.*it is no regular file/);
    expect(() => new LetterSnapshot(join(folder, 'missing'))).toThrowError(/RINGMAIN_INPUT_INVALID.*missing cannot be read/);
  });
});
