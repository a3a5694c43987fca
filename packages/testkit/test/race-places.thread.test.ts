/**
 * The places that a reported race names: those of the code under test, also where stacks are mapped to sources.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explore } from '@ringmain/testkit';
import { runProgram } from './child-process.ts';
import { over } from './small-scenario.ts';

/** Prints the failure of a race between two named functions, each in a line of its own. */
const program = `
import { explore } from '@ringmain/testkit';
const scenario = {
  name: 'race',
  setup: (memory) => memory.words(1, 'word'),
  threads: [{ name: 'writer', run: writeIt }, { name: 'reader', run: readIt }],
};
function writeIt(words) {
  words[0] = 1;
}
function readIt(words) {
  return words[0];
}
console.log(explore(scenario).failure.message);
`;

/** A generated file whose only mapped line stands for line 40 of another file. */
const generated = 'exports.readIt = function readIt(words) { return words[0]; };\n//# sourceMappingURL=generated.cjs.map\n';
const map = { version: 3, file: 'generated.cjs', sources: ['original.ts'], names: [], mappings: 'AAuCA' };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mapped-'));
  await writeFile(join(folder, 'generated.cjs'), generated);
  await writeFile(join(folder, 'generated.cjs.map'), JSON.stringify(map));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a race in Failure.message', () => {
  test.each([
    ['as the files stand', []],
    ['under --enable-source-maps', ['--enable-source-maps']],
  ])('names both places as "at name (file:line:column)": %s', (_, flags) => {
    const { output, errors } = runProgram(program, flags);
    expect(errors).toBe('');
    expect(output).toMatch(
      /^plain read of word by reader at readIt \(\S*\[eval1\]:12:15\) is not ordered after the plain write by writer at writeIt \(\S*\[eval1\]:9:12\)\n$/,
    );
  });

  test('names the source of mapped code under --enable-source-maps, and the file itself otherwise', () => {
    const loading = `import { createRequire } from 'node:module';
      const { readIt } = createRequire(import.meta.url)(${JSON.stringify(join(folder, 'generated.cjs'))});`;
    const mapped = loading + program.replace(/function readIt[^}]*\}/, '');
    expect(runProgram(mapped).output).toMatch(/by reader at \S*readIt \(\S*generated\.cjs:1:\d+\)/);
    expect(runProgram(mapped, ['--enable-source-maps']).output).toMatch(/by reader at \S*readIt \(\S*original\.ts:40:\d+\)/);
  });
});

describe('TraceStep.at', () => {
  test('is the place of the next access for a death in the body, and empty for one after its end', () => {
    const scenario = over(['x'], {
      name: 'dies after its last write',
      threads: [{ name: 'mortal', run: ({ words }) => (words[0] = 1), successor: ({ words }) => words[0] }],
      kills: { max: 1, victims: ['mortal'] },
      check: ({ results, deaths }) => {
        if (deaths['mortal'] === 1 && results['mortal'] === 1) throw new Error('died after its end');
      },
    });
    const { failure } = explore(scenario);
    const steps = failure?.trace.map((step) => `${step.operation} ${step.at}`) ?? [];
    expect(steps).toHaveLength(3);
    expect(steps[0]).toMatch(/^write at .*race-places\.thread\.test\.ts:\d+:\d+\)?$/);
    expect(steps[1]).toBe('killed ');
    expect(steps[2]).toMatch(/^read at .*race-places\.thread\.test\.ts:\d+:\d+\)?$/);
  });
});
