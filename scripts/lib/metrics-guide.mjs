/**
 * The monitoring guide against the code: every field of `MetricsSnapshot` and of the `system.` events stands in its tables, and nothing else does.
 *
 * The guide has a table with the heading `| metric |`, whose first cells name fields by their paths (`groups[].latencyUs.p50`), and one with the heading
 * `| event |`, whose rows name an event and then its fields.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkTroubleshooting } from './guides.mjs';
import { source, walk } from './source.mjs';
import { filesUnder, readText, root } from './workspace.mjs';

const GUIDE = 'docs/guides/monitoring.md';
const METRICS = 'packages/runtime/src/metrics/snapshot.ts';
/** Part of the figures, and of no other folder of theirs. */
const HEALTH = 'packages/runtime/src/health/health-report.ts';
const EVENTS = 'packages/runtime/src/events/system-events.ts';
const ROOT_OF_METRICS = 'MetricsSnapshot';
const ROOT_OF_EVENTS = 'SystemEvents';

/** Reports what the guide misses, and what it says of things that are not there. */
export function checkMetricsGuide(findings) {
  if (!existsSync(path.join(root, METRICS))) return;
  const interfaces = interfacesOf([
    ...filesUnder('packages/runtime/src/metrics', /\.ts$/),
    ...[HEALTH, EVENTS].filter((file) => existsSync(path.join(root, file))),
    ...filesUnder('packages/ring/src', /\.ts$/),
  ]);
  const metrics = leavesOf(ROOT_OF_METRICS, '', interfaces);
  const events = new Map();
  for (const leaf of leavesOf(ROOT_OF_EVENTS, '', interfaces)) {
    const cut = leaf.lastIndexOf('.');
    const name = leaf.slice(0, cut);
    events.set(name, [...(events.get(name) ?? []), leaf.slice(cut + 1)]);
  }
  checkTroubleshooting(findings, new Set([...metrics, ...events.keys()]));
  if (!existsSync(path.join(root, GUIDE))) {
    findings.error(GUIDE, undefined, 'does not exist, although there are metrics');
    return;
  }
  const rows = rowsOf(readText(GUIDE));
  compare(findings, metrics, rows.get('metric') ?? []);
  const told = (rows.get('event') ?? []).map(({ names, line }) => ({ names: names.slice(0, 1), line }));
  compare(findings, [...events.keys()], told);
  for (const { names, all, line } of rows.get('event') ?? []) {
    const missing = (events.get(names[0]) ?? []).filter((field) => !all.includes(field));
    for (const field of missing) findings.error(GUIDE, line, `the row of ${names[0]} does not name its field \`${field}\``);
  }
}

function compare(findings, known, rows) {
  const named = new Set(rows.flatMap(({ names }) => names));
  for (const name of known) if (!named.has(name)) findings.error(GUIDE, undefined, `does not say what \`${name}\` is`);
  for (const { names, line } of rows) {
    for (const name of names) if (!known.includes(name)) findings.error(GUIDE, line, `there is no \`${name}\``);
  }
}

/** Rows of all tables by the first cell of their heading: what their first cell, and all their cells, have in backticks. */
function rowsOf(text) {
  const rows = new Map();
  let heading;
  for (const [index, line] of text.split('\n').entries()) {
    if (/^[|: -]+$/.test(line)) continue;
    const first = /^\| (?<first>.*?) \|/.exec(line)?.groups.first;
    if (first === undefined) heading = undefined;
    else if (heading === undefined) heading = first;
    else {
      const row = { names: quoted(first), all: quoted(line), line: index + 1 };
      rows.set(heading, [...(rows.get(heading) ?? []), row]);
    }
  }
  return rows;
}

function quoted(text) {
  return [...text.matchAll(/`(?<name>[^`]+)`/g)].map((match) => match.groups.name);
}

function interfacesOf(files) {
  const found = new Map();
  for (const file of files) {
    walk(source(file).program, (node) => {
      if (node.type === 'TSInterfaceDeclaration') found.set(node.id.name, node);
      return true;
    });
  }
  return found;
}

/** Paths of all fields below an interface that hold no further fields. */
function leavesOf(name, prefix, interfaces) {
  const declaration = interfaces.get(name);
  if (declaration === undefined) throw new Error(`there is no interface ${name}`);
  const inherited = (declaration.extends ?? []).flatMap(({ expression }) => leavesOf(expression.name, prefix, interfaces));
  return [...inherited, ...membersOf(declaration.body.body, prefix, interfaces)];
}

function membersOf(members, prefix, interfaces) {
  return members
    .filter(({ type }) => type === 'TSPropertySignature')
    .flatMap(({ key, typeAnnotation }) =>
      leavesOfType(typeAnnotation.typeAnnotation, `${prefix}${key.name ?? key.value}`, interfaces),
    );
}

function leavesOfType(type, at, interfaces) {
  if (type.type === 'TSTypeOperator') return leavesOfType(type.typeAnnotation, at, interfaces);
  if (type.type === 'TSArrayType') return leavesOfType(type.elementType, `${at}[]`, interfaces);
  if (type.type === 'TSTypeLiteral') return membersOf(type.members, `${at}.`, interfaces);
  if (type.type === 'TSTypeReference' && interfaces.has(type.typeName.name))
    return leavesOf(type.typeName.name, `${at}.`, interfaces);
  return [at];
}
