/**
 * Where things are in the repository: its root, its packages and their files. Paths are relative to the root and use `/`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Folders that hold a package of the workspace: `packages/*` and `benchmarks`. */
export function workspaceFolders() {
  const packages = readdirSync(path.join(root, 'packages')).map((name) => `packages/${name}`);
  return [...packages, 'benchmarks'].filter((folder) => existsSync(path.join(root, folder, 'package.json'))).sort();
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
