/**
 * Seeded faults: a copy of a package with one place changed, and what becomes of texts that do not fit.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importMutant, judgeMutants } from '@ringmain/testkit';
import type { Mutation } from '@ringmain/testkit';

interface Adder {
  add(left: number, right: number): number;
}

const source = 'export const add = (left, right) => left + right;\nexport const unused = left => left;\n';
const minus: Mutation = { name: 'minus', file: 'index.js', find: 'left + right', replace: 'left - right' };
const harmless: Mutation = { name: 'harmless', file: 'index.js', find: 'unused', replace: 'idle' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adder-'));
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'package.json'), '{ "name": "adder", "type": "module" }');
  await writeFile(join(folder, 'dist', 'index.js'), source);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('importMutant()', () => {
  test('imports the changed copy and leaves the original alone', async () => {
    const mutant = await importMutant<Adder>(folder, minus);
    expect(mutant.module.add(3, 2)).toBe(1);
    await mutant.dispose();
    expect(await readFile(join(folder, 'dist', 'index.js'), 'utf8')).toBe(source);
  });

  test.each([
    ['no longer stands in the file', 'left * right', 0],
    ['stands there more than once', 'left', 4],
  ])('throws when the text %s', async (_, find, times) => {
    await expect(importMutant(folder, { ...minus, find })).rejects.toThrow(
      `mutation "minus" finds its text ${times} times in index.js`,
    );
  });
});

describe('judgeMutants()', () => {
  test('tells what caught each fault, and which survived', async () => {
    const verdicts = await judgeMutants(folder, [minus, harmless], (module) =>
      (module as Adder).add(2, 2) === 4 ? undefined : 'two and two',
    );
    expect(verdicts).toEqual([
      { name: 'minus', caughtBy: 'two and two' },
      { name: 'harmless', caughtBy: undefined },
    ]);
  });
});
