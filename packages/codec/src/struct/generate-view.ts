/**
 * Writes the view class of a struct: getters on a prototype that read the record in place.
 * Thread: any; the generated class runs on consumers.
 * Shape of the generated code: the class of the root keeps the memory in private fields, since a handler may freeze a view, deeply too;
 * classes of nested objects stand inside its static block, hold only their root and reach the memory through it, so that one `release`
 * or `rebase` of the root covers every view handed out.
 * Invariant: every getter touches the memory reference before it answers, also from a cache, so a released view always throws.
 */
import { quoted } from '../code-writer.ts';
import { bitIsSet } from './place-expressions.ts';
import type { CodeWriter } from '../code-writer.ts';
import type { FrameNames } from './place-expressions.ts';
import { decoded } from './generate-decoder.ts';
import type { DecoderScope } from './generate-decoder.ts';
import type { ObjectPlace, Place } from './struct-layout.ts';

const ROOT: FrameNames = { word: 'word', double: 'double', id: 0 };

/** Generates `View`, and assigns `rebase(view, views, offset)` and `release(view)`. */
export function generateView(scope: DecoderScope, root: ObjectPlace): void {
  const { code } = scope;
  const nested = nestedObjects(root);
  code.line(`let ${['rebase', 'release', ...nested.map((place) => classOf(scope, place))].join(', ')};`);
  code.line('class View {');
  code.line('#views; #offset; #bytes;');
  code.line('constructor(views, offset, bytes) { this.#views = views; this.#offset = offset; this.#bytes = bytes; }');
  generateMembers(scope, root, 'this');
  code.line('static {');
  code.line('rebase = (view, views, offset) => { view.#views = views; view.#offset = offset; };');
  code.line('release = (view) => { view.#views = RELEASED_VIEWS; };');
  for (const place of nested) {
    code.line(`${classOf(scope, place)} = class {`);
    code.line('#root; constructor(root) { this.#root = root; }');
    generateMembers(scope, place, 'this.#root');
    code.line('};');
  }
  code.line('}');
  code.line('}');
}

/** The objects inlined into the root's frame; objects inside arrays are decoded as plain values and need no view. */
function nestedObjects(place: ObjectPlace): ObjectPlace[] {
  return place.fields.flatMap(({ type }) => (type.kind === 'object' ? [type, ...nestedObjects(type)] : []));
}

function classOf(scope: DecoderScope, place: ObjectPlace): string {
  return `View_${scope.names.get(place)}`;
}

function generateMembers(scope: DecoderScope, place: ObjectPlace, root: string): void {
  const { code } = scope;
  for (const { name, type } of place.fields) {
    // A literal `constructor` may not be an accessor of a class, a computed one may.
    const key = name === 'constructor' ? `[${quoted(name)}]` : quoted(name);
    if (type.kind === 'object') {
      generateCached(code, key, root, type, `new ${classOf(scope, type)}(${root})`);
    } else if (type.kind === 'array') {
      generateCached(code, key, root, type, `freeze(${decoded(scope, withoutMarks(type, scope))})`);
    } else {
      generateGetter(code, key, root, decoded(scope, type));
    }
  }
  generatePlain(code, root, `${scope.names.get(place)}(views, offset, bytes, word)`);
}

function generateGetter(code: CodeWriter, key: string, root: string, value: string): void {
  code.line(`get ${key}() {${locals(root, value)} return ${value}; }`);
}

/** Objects and arrays are built on first read and kept, so that `event.data.items[3]` in a loop decodes once. */
function generateCached(code: CodeWriter, key: string, root: string, type: Place, value: string): void {
  const cache = code.fresh('#cache');
  const marks: string[] = [];
  if (type.presentBit !== undefined) marks.push(`if (!(${bitIsSet(ROOT, type.presentBit)})) return undefined;`);
  if (type.nullBit !== undefined) marks.push(`if (${bitIsSet(ROOT, type.nullBit)}) return null;`);
  code.line(`${cache};`);
  code.line(`get ${key}() { const i32 = ${root}.#views.i32, word = ${root}.#offset >> 2; ${marks.join(' ')}`);
  code.line(`if (this.${cache} === undefined) {${locals(root, value, ['i32', 'word'])} this.${cache} = ${value}; }`);
  code.line(`return this.${cache}; }`);
}

function generatePlain(code: CodeWriter, root: string, value: string): void {
  code.line(`toJSON() {${locals(root, `readText ${value}`)} return ${value}; }`);
  // Consoles and loggers show the fields, and a released view says so instead of throwing inside a logger.
  code.line(`[INSPECT]() { try { return this.toJSON(); } catch (error) { return "[" + (error.code ?? "unreadable") + "]"; } }`);
}

/** A copy of a place without absence marks, for getters that check these first. */
function withoutMarks(place: Place, scope: DecoderScope): Place {
  const { presentBit: _present, nullBit: _null, ...bare } = place;
  const name = scope.names.get(place);
  if (name !== undefined) scope.names.set(bare, name);
  return bare;
}

/** Declares the variables that an expression names. */
function locals(root: string, expression: string, known: readonly string[] = []): string {
  const parts: string[] = [];
  const uses = (name: string): boolean => !known.includes(name) && new RegExp(`\\b${name}\\b`).test(expression);
  parts.push(`views = ${root}.#views`);
  if (uses('offset') || uses('word') || uses('double')) parts.push(`offset = ${root}.#offset`);
  const sections = /\b(readText|decodeArray\w*)\b/.test(expression);
  if (uses('bytes') || sections) parts.push(`bytes = ${root}.#bytes`);
  if (uses('i32')) parts.push('i32 = views.i32');
  if (uses('f64')) parts.push('f64 = views.f64');
  if (uses('word')) parts.push('word = offset >> 2');
  if (uses('double')) parts.push('double = offset >> 3');
  return ` const ${parts.join(', ')};${sections ? ' openSection(bytes);' : ''}`;
}
