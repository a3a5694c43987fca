/**
 * Checks who may import whom: the arrows of docs/architecture.md as a failing test.
 * 1. A package imports only the packages below it, by name, and never another package's files.
 * 2. `core` and `policy` import nothing of Node: they hold no thread, no timer and no file.
 * 3. The rooms of the runtime (router, shard, coordinator) do not reach one another, not even through other files.
 * 4. The files of a package form no cycle.
 * 5. What ships for tests stays with what is for tests: the runtime imports `testkit` in its folder `testing` only.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Findings } from './lib/findings.mjs';
import { importsOf, resolveRelative } from './lib/source.mjs';
import { filesUnder, packages, root, workspaceFolders } from './lib/workspace.mjs';

/** Packages each package may import, by folder. */
const ALLOWED = {
  core: [],
  ring: ['core'],
  codec: ['core'],
  policy: ['core'],
  testkit: ['core', 'ring'],
  runtime: ['core', 'ring', 'codec', 'policy', 'testkit'],
  cli: ['core', 'runtime'],
};
/** Names a package may take from another when it may not take all. */
const ALLOWED_NAMES = { testkit: { ring: ['AtomicsPort', 'AsyncWait', 'systemAtomics'] } };
/** The only folder of a package from which it may import another. */
const ALLOWED_FROM = { runtime: { testkit: 'packages/runtime/src/testing/' } };
const WITHOUT_NODE = new Set(['core', 'policy']);
const ROOMS = ['router', 'shard', 'coordinator'].map((room) => `packages/runtime/src/${room}/`);

const findings = new Findings();
const all = packages();
const byName = new Map(all.map((each) => [each.name, each]));

for (const each of all) {
  if (ALLOWED[each.key] === undefined) findings.error(each.folder, undefined, 'is not in the table of scripts/check-layers.mjs');
  const files = filesUnder(`${each.folder}/src`, /\.ts$/);
  const graph = new Map(files.map((file) => [file, []]));
  for (const file of files) {
    for (const imported of importsOf(file)) checkImport(each, file, imported, graph);
  }
  for (const file of filesUnder(`${each.folder}/test`, /\.ts$/)) {
    for (const imported of importsOf(file)) checkUserImport(each.folder, file, imported);
  }
  reportCycles(graph);
  if (each.key === 'runtime') checkRooms(graph);
}
for (const folder of workspaceFolders().filter((each) => !each.startsWith('packages/'))) {
  for (const file of filesUnder(`${folder}/src`, /\.ts$/)) {
    for (const imported of importsOf(file)) checkUserImport(folder, file, imported);
  }
}
findings.finish('layers');

function checkImport(from, file, { specifier, names, line }, graph) {
  if (specifier.startsWith('.')) {
    const target = resolveRelative(file, specifier);
    if (!target.startsWith(`${from.folder}/src/`)) findings.error(file, line, `'${specifier}' leaves the package's src folder`);
    else if (!existsSync(path.join(root, target)))
      findings.error(file, line, `'${specifier}' is not a file (imports end in .ts)`);
    else graph.get(file).push(target);
    return;
  }
  if (specifier.startsWith('node:')) {
    if (WITHOUT_NODE.has(from.key)) findings.error(file, line, `${from.key} must not import ${specifier}`);
    return;
  }
  const target = packageOf(specifier);
  if (target === undefined) return;
  if (target === from) findings.error(file, line, `${from.key} imports itself by name; use a relative path`);
  else if (!(ALLOWED[from.key] ?? []).includes(target.key))
    findings.error(file, line, `${from.key} must not import ${target.key}`);
  const folder = ALLOWED_FROM[from.key]?.[target.key];
  if (folder !== undefined && !file.startsWith(folder))
    findings.error(file, line, `${from.key} may import ${target.key} in ${folder} only`);
  checkEntry(file, line, specifier, target);
  const allowedNames = ALLOWED_NAMES[from.key]?.[target.key];
  for (const name of allowedNames === undefined ? [] : names) {
    if (!allowedNames.includes(name))
      findings.error(file, line, `${from.key} may take only ${allowedNames.join(', ')} from ${target.key}, not ${name}`);
  }
}

/** Tests, benchmarks and the main job may use every package by name, and files of their own folder only. */
function checkUserImport(folder, file, { specifier, line }) {
  if (specifier.startsWith('.')) {
    const target = resolveRelative(file, specifier);
    if (!target.startsWith(`${folder}/`)) findings.error(file, line, `'${specifier}' reaches into another package`);
    return;
  }
  const target = packageOf(specifier);
  if (target !== undefined) checkEntry(file, line, specifier, target);
}

function checkEntry(file, line, specifier, target) {
  const entry = `.${specifier.slice(target.name.length)}`;
  if (target.manifest.exports?.[entry] === undefined)
    findings.error(file, line, `'${specifier}' is not an entry of ${target.name}`);
}

function packageOf(specifier) {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return byName.get(name);
}

/** Depth-first search; a file met again while it is open closes a cycle. */
function reportCycles(graph) {
  const done = new Set();
  const open = [];
  const visit = (file) => {
    const at = open.indexOf(file);
    if (at !== -1) {
      const cycle = [...open.slice(at), file].map((each) => path.posix.basename(each));
      findings.error(file, undefined, `is part of an import cycle: ${cycle.join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    open.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    open.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
}

function checkRooms(graph) {
  for (const room of ROOMS) {
    for (const file of graph.keys()) {
      if (!file.startsWith(room)) continue;
      const trail = trailToOtherRoom(graph, file, room);
      if (trail !== undefined) findings.error(file, undefined, `one room reaches another: ${trail.join(' → ')}`);
    }
  }
}

/** The shortest way from a file into another room, if there is one. */
function trailToOtherRoom(graph, start, room) {
  const queue = [[start]];
  const seen = new Set([start]);
  for (const trail of queue) {
    const last = trail[trail.length - 1];
    if (ROOMS.some((other) => other !== room && last.startsWith(other))) return trail;
    for (const next of graph.get(last) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push([...trail, next]);
    }
  }
  return undefined;
}
