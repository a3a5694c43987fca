/**
 * Finds the input: every JavaScript and TypeScript file that the workspace has installed.
 * Thread: main.
 *
 * pnpm keeps each package once, in `node_modules/.pnpm/<folder>/node_modules/<name>`; everything else there is a link and is not
 * followed. A package that is present several times, for several sets of peers, is taken once.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the workspace; the paths of files are relative to it. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const STORE = join(ROOT, 'node_modules', '.pnpm');
const SOURCE_FILE = /\.[cm]?[jt]sx?$/;
/** `@scope+name@1.2.3_peers`: the name, then the version. */
const STORE_FOLDER = /^(@?[^@]+)@([^_]+)/;

/** One source file. */
export interface SourceFile {
  readonly path: string;
  /** Name and version of its package. */
  readonly package: string;
  readonly bytes: number;
}

/**
 * Lists the files, all packages taking turns, so that every shard has work from the start.
 *
 * @param limit - how many files at most
 * @throws Error when dependencies are not installed the way pnpm does it
 */
export function discoverFiles(limit: number): SourceFile[] {
  if (!existsSync(STORE)) throw new Error(`${relative(ROOT, STORE)} does not exist; run npm run setup`);
  const packages = new Map<string, SourceFile[]>();
  for (const folder of readdirSync(STORE).sort()) {
    const [, escapedName, version] = STORE_FOLDER.exec(folder) ?? [];
    const name = escapedName?.replace('+', '/');
    if (name === undefined || packages.has(`${name}@${version}`)) continue;
    const files = filesOf(join(STORE, folder, 'node_modules', name), `${name}@${version}`);
    if (files.length > 0) packages.set(`${name}@${version}`, files);
  }
  return takingTurns([...packages.values()]).slice(0, limit);
}

/** Number of files per package. */
export function countByPackage(files: readonly SourceFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { package: name } of files) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function filesOf(folder: string, name: string): SourceFile[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesOf(path, name);
    if (!entry.isFile() || !SOURCE_FILE.test(entry.name)) return [];
    return [{ path: relative(ROOT, path).replaceAll(sep, '/'), package: name, bytes: statSync(path).size }];
  });
}

function takingTurns(packages: readonly SourceFile[][]): SourceFile[] {
  const longest = Math.max(0, ...packages.map((files) => files.length));
  return Array.from({ length: longest }, (_, turn) => packages.flatMap((files) => files[turn] ?? [])).flat();
}
