/**
 * Rules of `tidy` that look at the tree as a whole: manifests, the error catalogue, the lockfile.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { source, walk } from './source.mjs';
import { filesUnder, readText, root } from './workspace.mjs';

const catalogueFile = 'packages/core/src/errors.ts';

/** A manifest states licence and Node version, and everything it offers has a source. */
export function checkManifest(findings, folder) {
  const file = `${folder}/package.json`;
  const { license, engines, exports = {}, bin = {} } = JSON.parse(readText(file));
  if (license !== 'MIT') findings.error(file, undefined, 'does not state the licence MIT');
  if (engines?.node !== '>=20') findings.error(file, undefined, 'does not state engines.node >=20');
  const targets = [...Object.values(exports), bin].flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  for (const target of targets) {
    const from = path.posix.join(folder, target.replace(/^\.\/dist\//, 'src/').replace(/\.(?:d\.ts|js)$/, '.ts'));
    if (!existsSync(path.join(root, from))) findings.error(file, undefined, `offers ${target}, which has no source`);
  }
}

/** The catalogue and the code agree: no unknown code is used, no code stands there for nothing. */
export function checkErrorCodes(findings, shipped) {
  if (!existsSync(path.join(root, catalogueFile))) return;
  const known = new Set();
  const used = new Set();
  walk(source(catalogueFile).program, (node) => {
    if (node.type === 'Property' && node.key.name?.startsWith('RINGMAIN_')) known.add(node.key.name);
    return true;
  });
  for (const file of shipped) {
    if (file === catalogueFile) continue;
    const { program, lineOf } = source(file);
    walk(program, (node) => {
      if (node.type !== 'Literal' || typeof node.value !== 'string' || !/^RINGMAIN(?:_[A-Z]+)+$/.test(node.value)) return true;
      used.add(node.value);
      if (!known.has(node.value)) findings.error(file, lineOf(node.start), `${node.value} is not in the error catalogue`);
      return true;
    });
  }
  const documented = filesUnder('docs', /\.md$/).map(readText).join('\n');
  for (const code of known) {
    if (!used.has(code) && !documented.includes(code))
      findings.error(catalogueFile, undefined, `${code} is neither used nor documented`);
  }
}

/** The lockfile and the npm settings name no server: where packages come from is the machine's business. */
export function checkNoAddresses(findings) {
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc']) {
    if (existsSync(path.join(root, file)) && /https?:\/\/|^\s*@?[\w-]*:?registry\s*=/m.test(readText(file))) {
      findings.error(file, undefined, 'names a server');
    }
  }
}
