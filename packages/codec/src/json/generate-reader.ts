/**
 * Writes the function that reads a JSON payload of known shape in place.
 * Thread: any; the generated function runs on consumers.
 * Shape of the generated code: `read(u8, at, end)` expects exactly the bytes that the generated writer of the same shape leaves: the constant text
 * between the values is compared byte by byte. At the first difference (other members, another order, white space) it answers `undefined`, and the
 * payload is parsed by the platform.
 */
import { CodeWriter, quoted, runBody } from '../code-writer.ts';
import type { TextBuffer } from '../record-views.ts';
import type { JsonField, JsonShape } from './json-shape.ts';
import { cursor, readNumber, readQuoted, readScalar } from './json-scan.ts';

/** Reads a payload; undefined when its bytes are not as expected. */
export type JsonReader = (u8: TextBuffer, at: number, end: number) => unknown;

const ENVIRONMENT = { cursor, readNumber, readQuoted, readScalar };

const READ = { number: 'readNumber', text: 'readQuoted', scalar: 'readScalar' } as const;

const GIVE_UP = 'return undefined;';

/** Compiles the reader of an object shape; undefined where a part of it is unknown, or the process forbids code generation. */
export function compileReader(shape: JsonShape): JsonReader | undefined {
  if (hasUnknown(shape)) return undefined;
  const code = new CodeWriter();
  code.line('"use strict"; return function read(u8, at, end) {');
  const value = readShape(code, shape);
  code.line(`return at === end ? ${value} : undefined; };`);
  return runBody(code.lines.join('\n'), ENVIRONMENT) as JsonReader | undefined;
}

function hasUnknown(shape: JsonShape): boolean {
  if (shape.kind === 'object') return shape.fields.some((field) => hasUnknown(field.shape));
  return shape.kind === 'array' ? hasUnknown(shape.element) : shape.kind === 'any';
}

/** Generates statements that read a value and move `at` behind it; returns the expression of the value. */
function readShape(code: CodeWriter, shape: JsonShape): string {
  switch (shape.kind) {
    case 'object':
      return readObject(code, shape.fields);
    case 'array':
      return readArray(code, shape.element);
    case 'boolean': {
      const value = code.fresh('value');
      code.line(`let ${value} = ${matches('true')}; if (${value}) at += 4; else { ${expect('false')} }`);
      return value;
    }
    default: {
      const value = code.fresh('value');
      // Shapes with unknown parts were refused before.
      const read = READ[shape.kind as keyof typeof READ];
      code.line(`const ${value} = ${read}(u8, at, end); at = cursor.at; if (at < 0) ${GIVE_UP}`);
      return value;
    }
  }
}

function readObject(code: CodeWriter, fields: readonly JsonField[]): string {
  const result = code.fresh('result');
  const members: string[] = [];
  const late: string[] = [];
  if (fields.length === 0) code.line(expect('{'));
  for (const [index, field] of fields.entries()) {
    const before = `${index === 0 ? '{' : ','}${JSON.stringify(field.name)}:`;
    const name = quoted(field.name);
    if (!field.optional || index === 0) {
      code.line(expect(before));
      const value = readMaybeNull(code, field);
      if (late.length === 0) members.push(`${name}: ${value}`);
      else late.push(`${result}[${name}] = ${value};`);
      continue;
    }
    const present = code.fresh('present');
    const value = code.fresh('value');
    code.line(`const ${present} = ${matches(before)}; let ${value};`);
    code.line(`if (${present}) { at += ${Buffer.byteLength(before)};`);
    code.line(`${value} = ${readMaybeNull(code, field)}; }`);
    late.push(`if (${present}) ${result}[${name}] = ${value};`);
  }
  code.line(expect('}'));
  code.line(`const ${result} = { ${members.join(', ')} }; ${late.join(' ')}`);
  return result;
}

function readMaybeNull(code: CodeWriter, field: JsonField): string {
  if (!field.nullable) return readShape(code, field.shape);
  const value = code.fresh('value');
  code.line(`let ${value} = null; if (${matches('null')}) at += 4; else {`);
  code.line(`${value} = ${readShape(code, field.shape)}; }`);
  return value;
}

function readArray(code: CodeWriter, element: JsonShape): string {
  const result = code.fresh('result');
  code.line(`const ${result} = []; ${expect('[')}`);
  code.line(`if (${matches(']')}) at += 1; else for (;;) {`);
  code.line(`${result}.push(${readShape(code, element)});`);
  // 44 and 93: a comma or the end.
  code.line(`if (at < end && u8[at] === 44) at += 1; else if (at < end && u8[at] === 93) { at += 1; break; } else ${GIVE_UP} }`);
  return result;
}

/** Condition that a constant text stands at `at`. */
function matches(text: string): string {
  return `(${[...Buffer.from(text, 'utf8')].map((byte, index) => `u8[at + ${index}] === ${byte}`).join(' && ')})`;
}

/** Statement that passes a constant text. */
function expect(text: string): string {
  return `if (!${matches(text)}) ${GIVE_UP} at += ${Buffer.byteLength(text)};`;
}
