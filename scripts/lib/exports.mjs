/**
 * What a package offers: every symbol that can be reached from its entry files, with the place of its declaration.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { resolveRelative, source } from './source.mjs';
import { root } from './workspace.mjs';

/** Entries of a package that have types, as `[entry, source file]`: `.` is `src/index.ts`. */
export function entriesOf({ folder, manifest }) {
  return Object.entries(manifest.exports ?? {})
    .filter(([, target]) => typeof target.types === 'string')
    .map(([entry, target]) => [entry, path.posix.join(folder, target.types)])
    .map(([entry, types]) => [entry, types.replace('/dist/', '/src/').replace(/\.d\.ts$/, '.ts')])
    .filter(([, file]) => existsSync(path.join(root, file)));
}

/**
 * The symbols a file exports, its own and those it passes on, as a map from the exported name to `{file, name, node}`, where `node` is
 * the statement that declares it. Names that come from other packages are left out: they are documented there.
 */
export function exportedSymbols(file, seen = new Set()) {
  const symbols = new Map();
  if (seen.has(file) || !existsSync(path.join(root, file))) return symbols;
  seen.add(file);
  const { program } = source(file);
  for (const statement of program.body) {
    if (statement.type === 'ExportAllDeclaration') addAll(symbols, file, statement, seen);
    else if (statement.type === 'ExportNamedDeclaration') addNamed(symbols, file, statement);
    else if (statement.type === 'ExportDefaultDeclaration') symbols.set('default', { file, name: 'default', node: statement });
  }
  return symbols;
}

function addAll(symbols, file, statement, seen) {
  if (!statement.source.value.startsWith('.')) return;
  for (const [name, symbol] of exportedSymbols(targetOf(file, statement), seen)) {
    if (name !== 'default' && !symbols.has(name)) symbols.set(name, symbol);
  }
}

function addNamed(symbols, file, statement) {
  if (statement.declaration !== null) {
    for (const name of declaredNames(statement.declaration))
      if (!symbols.has(name)) symbols.set(name, { file, name, node: statement });
    return;
  }
  for (const { local, exported } of statement.specifiers) {
    if (statement.source !== null && !statement.source.value.startsWith('.')) continue;
    const symbol =
      statement.source === null ? localSymbol(file, local.name) : exportedSymbols(targetOf(file, statement)).get(local.name);
    if (symbol !== undefined) symbols.set(exported.name, symbol);
  }
}

function localSymbol(file, name) {
  const node = source(file).program.body.find((statement) => declaredNames(statement).includes(name));
  return node === undefined ? undefined : { file, name, node };
}

/** The file behind a relative re-export; declaration files name it `.js` or `.ts` and mean `.d.ts`. */
function targetOf(file, statement) {
  const target = resolveRelative(file, statement.source.value).replace(/\.(?:js|ts)$/, '');
  return `${target}${file.endsWith('.d.ts') ? '.d.ts' : '.ts'}`;
}

/** The names a declaration introduces. */
export function declaredNames(declaration) {
  if (declaration.type === 'VariableDeclaration')
    return declaration.declarations.map(({ id }) => id.name).filter((name) => name !== undefined);
  return declaration.id?.name === undefined ? [] : [declaration.id.name];
}
