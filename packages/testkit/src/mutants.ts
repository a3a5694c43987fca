/**
 * Seeds faults into shipped code: a copy of a package's compiled files with one place changed, imported beside the original.
 * Thread: any.
 */
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RingmainError } from '@ringmain/core';

/** One change of one file. */
export interface Mutation {
  /** What the fault is, in words. */
  readonly name: string;
  /** File inside of the package's `dist`, such as `doorbell.js`. */
  readonly file: string;
  /** Text to replace; it must stand in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A mutated package, imported. */
export interface Mutant<Module> {
  readonly module: Module;
  /** Removes the copy. */
  dispose(): Promise<void>;
}

/** What became of one mutation. */
export interface MutantVerdict {
  readonly name: string;
  /** What caught it, or undefined when it survived. */
  readonly caughtBy: string | undefined;
}

/**
 * Copies a package's compiled files, changes one place, and imports the copy. Packages it imports are the originals.
 *
 * @param packageFolder - folder with `package.json` and `dist`
 * @param entry - file inside of `dist` to import
 * @throws RingmainError `RINGMAIN_OPTION_INVALID` when the text does not stand in the file exactly once
 */
export async function importMutant<Module>(
  packageFolder: string,
  mutation: Mutation,
  entry = 'index.js',
): Promise<Mutant<Module>> {
  const source = await readFile(join(packageFolder, 'dist', mutation.file), 'utf8');
  const pieces = source.split(mutation.find);
  if (pieces.length !== 2) {
    throw new RingmainError(
      'RINGMAIN_OPTION_INVALID',
      `mutation "${mutation.name}" finds its text ${pieces.length - 1} times in ${mutation.file}`,
      {
        allowed: 'exactly once',
      },
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'mutant-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await cp(join(packageFolder, 'dist'), join(folder, 'dist'), { recursive: true });
    await cp(join(packageFolder, 'package.json'), join(folder, 'package.json'));
    // A junction needs no rights on Windows and is a plain link elsewhere.
    if ((await readdir(packageFolder)).includes('node_modules'))
      await symlink(join(packageFolder, 'node_modules'), join(folder, 'node_modules'), 'junction');
    await writeFile(join(folder, 'dist', mutation.file), pieces.join(mutation.replace));
    return { module: (await import(pathToFileURL(join(folder, 'dist', entry)).href)) as Module, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * Puts each mutation to a test.
 *
 * @param verdict - runs scenarios against the mutated module and says what caught it, or undefined when nothing did
 */
export async function judgeMutants(
  packageFolder: string,
  mutations: readonly Mutation[],
  verdict: (module: unknown, mutation: Mutation) => string | undefined,
): Promise<MutantVerdict[]> {
  const verdicts: MutantVerdict[] = [];
  for (const mutation of mutations) {
    const mutant = await importMutant<unknown>(packageFolder, mutation);
    try {
      verdicts.push({ name: mutation.name, caughtBy: verdict(mutant.module, mutation) });
    } finally {
      await mutant.dispose();
    }
  }
  return verdicts;
}
