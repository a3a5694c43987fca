/**
 * Writes the functions that build plain objects and arrays out of a struct's bytes.
 * Thread: any; the generated functions run on consumers.
 * Generated shape: one function per object and per array of the schema, `(views, offset, bytes, word) => value`, where `word` is the first word
 * of the frame (objects) or of the slot (arrays). The view class uses the same functions for `toJSON` and for arrays.
 */
import { quoted } from '../code-writer.ts';
import { bitIsSet, bitsAt, doubleAt, plus, wordAt } from './place-expressions.ts';
import type { CodeWriter } from '../code-writer.ts';
import type { FrameNames } from './place-expressions.ts';
import { frameAlignment } from './struct-layout.ts';
import type { ArrayPlace, ObjectPlace, Place } from './struct-layout.ts';

const NAMES: FrameNames = { word: 'word', double: 'double', id: 0 };

/** Where decoders are written, and the names of those that were. */
export interface DecoderScope {
  readonly code: CodeWriter;
  readonly names: Map<Place, string>;
}

/** Generates the decoders of a place and of all places inside it. */
export function generateDecoders(scope: DecoderScope, place: Place): void {
  if (place.kind === 'object') {
    for (const field of place.fields) generateDecoders(scope, field.type);
    scope.names.set(place, generateObject(scope, place));
  } else if (place.kind === 'array') {
    generateDecoders(scope, place.frame.root);
    scope.names.set(place, generateArray(scope, place));
  }
}

function generateObject(scope: DecoderScope, place: ObjectPlace): string {
  const { code } = scope;
  const name = code.fresh('decodeObject');
  const firstOptional = place.fields.findIndex((field) => field.type.presentBit !== undefined);
  const fixed = firstOptional === -1 ? place.fields : place.fields.slice(0, firstOptional);
  const rest = place.fields.slice(fixed.length);
  code.line(`function ${name}(views, offset, bytes, word) {`);
  code.line('const i32 = views.i32, f64 = views.f64, double = word >> 1;');
  const literal = fixed.map((field) => `${quoted(field.name)}: ${decodedOrNull(scope, field.type)}`).join(', ');
  code.line(`const result = { ${literal} };`);
  for (const { name: key, type } of rest) {
    const condition = type.presentBit === undefined ? '' : `if (${bitIsSet(NAMES, type.presentBit)}) `;
    code.line(`${condition}result[${quoted(key)}] = ${decodedOrNull(scope, type)};`);
  }
  code.line('return result;');
  code.line('}');
  return name;
}

function generateArray(scope: DecoderScope, place: ArrayPlace): string {
  const { code } = scope;
  const name = code.fresh('decodeArray');
  const { bytes, root } = place.frame;
  code.line(`function ${name}(views, offset, bytes, slot) {`);
  code.line(`const start = openArray(views, slot, offset, bytes, ${bytes}, ${frameAlignment(place.frame)});`);
  code.line('const i32 = views.i32, f64 = views.f64, count = i32[slot + 1], result = [];');
  code.line('for (let index = 0; index < count; index++) {');
  code.line(`const word = (start + index * ${bytes}) >> 2, double = word >> 1;`);
  code.line(`result.push(${decoded(scope, root)});`);
  code.line('}');
  code.line('return result;');
  code.line('}');
  return name;
}

/** Expression of a value, `undefined` and `null` included. */
export function decoded(scope: DecoderScope, place: Place): string {
  const value = decodedOrNull(scope, place);
  return place.presentBit === undefined ? value : `${bitIsSet(NAMES, place.presentBit)} ? ${value} : undefined`;
}

function decodedOrNull(scope: DecoderScope, place: Place): string {
  const value = decodedPresent(scope, place);
  return place.nullBit === undefined ? value : `(${bitIsSet(NAMES, place.nullBit)} ? null : ${value})`;
}

function decodedPresent(scope: DecoderScope, place: Place): string {
  switch (place.kind) {
    case 'i32':
      return wordAt(NAMES, place.offset);
    case 'u32':
      return `(${wordAt(NAMES, place.offset)} >>> 0)`;
    case 'f64':
    case 'int':
      return doubleAt(NAMES, place.offset);
    case 'i64':
    case 'u64':
      return `views.u8.readBig${place.kind === 'u64' ? 'U' : ''}Int64LE((${NAMES.word} << 2) + ${place.offset})`;
    case 'bool':
      return `(${bitIsSet(NAMES, place.bits)})`;
    case 'enum':
      return `enumValue(${scope.code.constant(place.values)}, ${bitsAt(NAMES, place.bits)})`;
    case 'text':
      return `readText(views, ${plus(NAMES.word, place.offset >> 2)}, offset, bytes)`;
    case 'object':
      return `${scope.names.get(place)}(views, offset, bytes, ${NAMES.word})`;
    case 'array':
      return `${scope.names.get(place)}(views, offset, bytes, ${plus(NAMES.word, place.offset >> 2)})`;
  }
}
