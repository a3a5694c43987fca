/**
 * Where things are in the repository: its root, its packages and their files. Paths are relative to the root and use `/`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository; the tests of the checks point it at a small tree of their own. */
export const root = process.env.RINGMAIN_REPOSITORY ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folders that hold a package of the workspace, by the patterns of `pnpm-workspace.yaml`. */
export function workspaceFolders() {
  const patterns = [...readText('pnpm-workspace.yaml').matchAll(/^ {2}- (?<pattern>\S+)$/gm)].map(
    (match) => match.groups.pattern,
  );
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    return existsSync(path.join(root, parent)) ? readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`) : [];
  });
  return folders.filter((folder) => existsSync(path.join(root, folder, 'package.json'))).sort();
}

/** Folders with tests that the compiler checks: those of packages, and those of the tooling. */
export function testProjects() {
  return [...workspaceFolders(), 'scripts']
    .map((folder) => `${folder}/test`)
    .filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')) && filesUnder(folder, /\.ts$/).length > 0);
}

/** The publishable packages: folder, name without scope, manifest. */
export function packages() {
  return workspaceFolders()
    .filter((folder) => folder.startsWith('packages/'))
    .map((folder) => {
      const manifest = JSON.parse(readText(`${folder}/package.json`));
      return { folder, key: folder.slice('packages/'.length), name: manifest.name, manifest };
    });
}

/** Files under a folder whose name matches, sorted; nothing when the folder does not exist. */
export function filesUnder(folder, pattern) {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  const found = [];
  for (const entry of readdirSync(absolute, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === '.cache') continue;
    const relative = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(relative, pattern));
    else if (pattern.test(entry.name)) found.push(relative);
  }
  return found.sort();
}

/** Text of a file given relative to the root. */
export function readText(file) {
  return readFileSync(path.join(root, file), 'utf8');
}
