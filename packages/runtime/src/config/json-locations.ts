/**
 * Positions in a JSON text, for error messages: of a syntax error, of a key, and of keys given twice.
 * `JSON.parse` gives the value; this second reading of the text happens only when there is something to report or to check.
 * Thread: main, at start.
 */
import type { AnyNode, DocumentNode, LocationRange, MemberNode, ObjectNode } from '@humanwhocodes/momoa';
import { parse } from '@humanwhocodes/momoa';

/** No key of the configuration lies deeper; what lies deeper is refused as unknown without a walk through it. */
const DEPTH_MAX = 8;

/** A place in a text; both numbers count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A key that stands twice in one object. */
export interface RepeatedKey {
  readonly keys: readonly (string | number)[];
  readonly first: TextPosition;
  readonly second: TextPosition;
}

/** Where the parts of a JSON text stand. */
export class JsonLocations {
  private readonly document: DocumentNode;

  /** @param text - a text that `JSON.parse` accepts */
  constructor(text: string) {
    this.document = parse(text, { mode: 'json' });
  }

  /** The position of a key (for members) or value (for array entries); of the last part of the path that exists. */
  find(keys: readonly PropertyKey[]): TextPosition {
    let node: AnyNode = this.document.body;
    let position = start(node);
    for (const key of keys) {
      const next: { node: AnyNode; position: TextPosition } | undefined = step(node, key);
      if (next === undefined) break;
      ({ node, position } = next);
    }
    return position;
  }

  /** Keys that stand twice in one object; `JSON.parse` silently keeps the last. */
  repeated(): RepeatedKey[] {
    return repeatedIn(this.document.body, []);
  }
}

/** The position of a syntax error in a text that `JSON.parse` refused; undefined when the second reading finds none. */
export function syntaxErrorPosition(text: string): TextPosition | undefined {
  try {
    parse(text, { mode: 'json' });
    return undefined;
  } catch (error) {
    const { line, column } = error as { line?: unknown; column?: unknown };
    return typeof line === 'number' && typeof column === 'number' ? { line, column } : undefined;
  }
}

function start(node: { readonly loc: LocationRange }): TextPosition {
  return { line: node.loc.start.line, column: node.loc.start.column };
}

function nameOf(member: MemberNode): string {
  return member.name.type === 'String' ? member.name.value : member.name.name;
}

function step(node: AnyNode, key: PropertyKey): { node: AnyNode; position: TextPosition } | undefined {
  if (node.type === 'Array') {
    const element = typeof key === 'number' ? node.elements[key] : undefined;
    return element === undefined ? undefined : { node: element.value, position: start(element) };
  }
  if (node.type !== 'Object') return undefined;
  // Which one of several does not matter: a key given twice is refused anyway.
  const member = node.members.find((candidate) => nameOf(candidate) === key);
  return member === undefined ? undefined : { node: member.value, position: start(member) };
}

function repeatedIn(node: AnyNode, keys: readonly (string | number)[]): RepeatedKey[] {
  if (keys.length > DEPTH_MAX) return [];
  if (node.type === 'Array') return node.elements.flatMap((element, position) => repeatedIn(element.value, [...keys, position]));
  return node.type === 'Object' ? repeatedInObject(node, keys) : [];
}

function repeatedInObject(node: ObjectNode, keys: readonly (string | number)[]): RepeatedKey[] {
  const seen = new Map<string, TextPosition>();
  return node.members.flatMap((member) => {
    const name = nameOf(member);
    const path = [...keys, name];
    const first = seen.get(name);
    const second = start(member);
    if (first === undefined) seen.set(name, second);
    const here = first === undefined ? [] : [{ keys: path, first, second }];
    return [...here, ...repeatedIn(member.value, path)];
  });
}
