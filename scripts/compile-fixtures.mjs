/**
 * Runs once before all tests: compiles the TypeScript fixtures, so that the many threads of the tests need no transformer of their own.
 * 1. Each file by itself; imports stay, only those of other fixtures name the compiled file (`./board.ts` becomes `./board.js`).
 * 2. Copies without a source go, or a test of a fixture that was removed would pass on.
 * 3. A copy that is right already is left alone: another run of tests in this checkout may be reading it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { compiledFixture } from '../packages/runtime/test/compiled-fixture.mjs';
import { filesUnder, root, workspaceFolders } from './lib/workspace.mjs';

/** Leaves every import to Node, under the name it has beside the compiled file. */
const outsideImports = {
  name: 'outside-imports',
  setup({ onResolve }) {
    onResolve({ filter: /^/ }, ({ kind, path: specifier }) =>
      kind === 'entry-point'
        ? undefined
        : { path: specifier.replace(/^(?<relative>\..*)\.ts$/, '$<relative>.js'), external: true },
    );
  },
};

/** What vitest calls before the first test. */
export async function setup() {
  await Promise.all(workspaceFolders().map(compileFolder));
}

async function compileFolder(folder) {
  const sources = filesUnder(`${folder}/test`, /\.ts$/).filter((file) => file.includes('/fixtures/') && !file.endsWith('.d.ts'));
  const copies = new Map(await Promise.all(sources.map(async (file) => [copyOf(file), await compiled(file)])));
  for (const stale of filesUnder(`${folder}/.cache/test`, /\.js$/)) {
    if (!copies.has(path.join(root, stale))) rmSync(path.join(root, stale));
  }
  for (const [copy, text] of copies) write(copy, text);
}

function copyOf(file) {
  const source = path.join(root, file);
  const copy = fileURLToPath(compiledFixture(pathToFileURL(source)));
  if (copy === source) throw new Error(`${file} has no place for a compiled copy, which would be written over it`);
  return copy;
}

async function compiled(file) {
  const { outputFiles } = await build({
    entryPoints: [path.join(root, file)],
    bundle: true,
    plugins: [outsideImports],
    format: 'esm',
    target: 'node20',
    treeShaking: false,
    write: false,
  });
  return outputFiles[0].text;
}

/** A reader sees all of the file or what was there before. */
function write(file, text) {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
