/**
 * Parsed source files for the checks: syntax tree, comments, imports and positions. Parsing never executes a file.
 */
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { readText } from './workspace.mjs';

const parsed = new Map();

/** Parses a file, once per process. */
export function source(file) {
  let known = parsed.get(file);
  if (known === undefined) {
    known = parse(file, readText(file));
    parsed.set(file, known);
  }
  return known;
}

function parse(file, text) {
  const { program, comments, module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const lineStarts = [0];
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) lineStarts.push(index + 1);
  const lineCount = text.endsWith('\n') ? lineStarts.length - 1 : lineStarts.length;
  return { file, text, program, comments, module, lineCount, lineOf: (offset) => lineOf(lineStarts, offset) };
}

/** Line number, from 1, of an offset. */
function lineOf(lineStarts, offset) {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lineStarts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/** Calls `visit(node, parent)` for every node; `visit` may return false to leave out what is below. */
export function walk(node, visit, parent) {
  if (visit(node, parent) === false) return;
  for (const key of Object.keys(node)) {
    const child = node[key];
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) walk(item, visit, node);
    } else if (isNode(child)) {
      walk(child, visit, node);
    }
  }
}

function isNode(value) {
  return typeof value === 'object' && value !== null && typeof value.type === 'string';
}

/**
 * Everything a file imports or re-exports: the specifier, the imported names (`*` for all), whether only types pass, and the line.
 */
export function importsOf(file) {
  const { module, text, lineOf: line } = source(file);
  const found = [];
  for (const statement of module.staticImports) {
    const names = statement.entries.map(
      (entry) => entry.importName.name ?? (entry.importName.kind === 'Default' ? 'default' : '*'),
    );
    const typeOnly = statement.entries.length > 0 && statement.entries.every((entry) => entry.isType);
    found.push({ specifier: statement.moduleRequest.value, names, typeOnly, line: line(statement.start) });
  }
  for (const statement of module.staticExports) {
    const entries = statement.entries.filter((entry) => entry.moduleRequest !== null);
    if (entries.length === 0) continue;
    const names = entries.map((entry) => entry.importName.name ?? '*');
    const typeOnly = entries.every((entry) => entry.isType);
    found.push({ specifier: entries[0].moduleRequest.value, names, typeOnly, line: line(statement.start) });
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    const literal = /^['"`](?<specifier>[^'"`$]+)['"`]$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal !== null) found.push({ specifier: literal.groups.specifier, names: ['*'], typeOnly: false, line: line(start) });
  }
  return found;
}

/** The file a relative specifier means, relative to the root. */
export function resolveRelative(file, specifier) {
  return path.posix.join(path.posix.dirname(file), specifier);
}
