/**
 * Writes the function that writes a payload of known shape as JSON, straight into the scratch memory.
 * Thread: any; the generated function runs on producers.
 * Shape of the generated code: `write(data)` reads every member once, stores the constant text between the values byte by byte, and answers the
 * number of bytes, or {@link NOT_WRITTEN} as soon as a value is not what the schema lets expect.
 * Invariant: what it writes parses to what the text of `JSON.stringify(data)` parses to. That holds because only plain objects are written which
 * have no enumerable members beyond those of the schema, and because values are tested by their type, never by the schema's word.
 */
import { CodeWriter, quoted, runBody } from '../code-writer.ts';
import type { JsonField, JsonShape } from './json-shape.ts';
import { NOT_WRITTEN, NUMBER_BYTES, SCRATCH_BYTES, SLACK_BYTES } from './json-text.ts';
import { scratchBytes, writeNumber, writeQuoted, writeValue } from './json-text.ts';

/** Writes a payload into the scratch; answers its bytes or {@link NOT_WRITTEN}. */
export type JsonWriter = (data: unknown) => number;

const ENVIRONMENT = {
  u8: scratchBytes,
  writeNumber,
  writeQuoted,
  writeValue,
  isArray: Array.isArray,
  prototypeOf: Object.getPrototypeOf,
  plain: Object.prototype,
};

const GIVE_UP = `return ${NOT_WRITTEN};`;

/** Compiles the writer of an object shape; undefined where it would not be safe to run, or the process forbids code generation. */
export function compileWriter(shape: JsonShape): JsonWriter | undefined {
  // All that may be stored between two checks of the room: every constant text and every number outside arrays.
  if (constantBytes(shape) > SLACK_BYTES) return undefined;
  const code = new CodeWriter();
  const pending = new PendingText(code);
  code.line('"use strict"; return function write(data) { let at = 0;');
  writeShape(code, pending, shape, 'data');
  pending.flush();
  code.line('return at; };');
  return runBody(code.lines.join('\n'), ENVIRONMENT) as JsonWriter | undefined;
}

function constantBytes(shape: JsonShape): number {
  switch (shape.kind) {
    case 'object':
      return shape.fields.reduce((sum, { name, shape: inner }) => sum + name.length * 6 + 4 + constantBytes(inner), 2);
    case 'array':
      return 2 + constantBytes(shape.element);
    default:
      return NUMBER_BYTES;
  }
}

/** Constant text that was not stored yet, so that neighbouring pieces become one run of stores. */
class PendingText {
  private readonly code: CodeWriter;
  private text = '';

  constructor(code: CodeWriter) {
    this.code = code;
  }

  add(text: string): void {
    this.text += text;
  }

  flush(): void {
    if (this.text !== '') this.code.line(stores(this.text));
    this.text = '';
  }
}

/** Statements that store a constant text. */
function stores(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return `${[...bytes].map((byte, index) => `u8[at + ${index}] = ${byte};`).join(' ')} at += ${bytes.length};`;
}

function writeShape(code: CodeWriter, pending: PendingText, shape: JsonShape, value: string): void {
  switch (shape.kind) {
    case 'object':
      return writeObject(code, pending, shape.fields, value);
    case 'array':
      return writeArray(code, pending, shape.element, value);
    case 'boolean':
      pending.flush();
      code.line(
        `if (${value} === true) { ${stores('true')} } else if (${value} === false) { ${stores('false')} } else ${GIVE_UP}`,
      );
      return;
    case 'number':
      return writeTyped(code, pending, 'number', `writeNumber(at, ${value})`, value);
    case 'text':
      return writeTyped(code, pending, 'string', `writeQuoted(at, ${value})`, value);
    default:
      pending.flush();
      code.line(`at = writeValue(at, ${value}); if (at < 0) ${GIVE_UP}`);
  }
}

function writeTyped(code: CodeWriter, pending: PendingText, type: string, write: string, value: string): void {
  pending.flush();
  code.line(`if (typeof ${value} !== "${type}") ${GIVE_UP} at = ${write}; if (at < 0) ${GIVE_UP}`);
}

function writeObject(code: CodeWriter, pending: PendingText, fields: readonly JsonField[], value: string): void {
  const members = code.fresh('members');
  const found = code.fresh('found');
  const proto = code.fresh('proto');
  code.line(`if (typeof ${value} !== "object" || ${value} === null || ${value}.toJSON !== undefined) ${GIVE_UP}`);
  code.line(`const ${proto} = prototypeOf(${value}); if (${proto} !== plain && ${proto} !== null) ${GIVE_UP}`);
  code.line(`let ${members} = 0, ${found} = 0; for (const name in ${value}) ${members}++;`);
  pending.add('{');
  let first = true;
  for (const field of fields) {
    const inner = code.fresh('value');
    code.line(`const ${inner} = ${value}[${quoted(field.name)}];`);
    const mayMiss = field.optional && !first;
    // Without a first member no comma would follow, which only the running code can know: such objects go the general way.
    if (field.optional && first) code.line(`if (${inner} === undefined) ${GIVE_UP}`);
    if (mayMiss) {
      pending.flush();
      code.line(`if (${inner} !== undefined) {`);
    }
    code.line(`${found}++;`);
    pending.add(`${first ? '' : ','}${JSON.stringify(field.name)}:`);
    writeMaybeNull(code, pending, field, inner);
    if (mayMiss) {
      pending.flush();
      code.line('}');
    }
    first = false;
  }
  pending.add('}');
  code.line(`if (${members} !== ${found}) ${GIVE_UP}`);
}

function writeMaybeNull(code: CodeWriter, pending: PendingText, field: JsonField, value: string): void {
  if (!field.nullable) return writeShape(code, pending, field.shape, value);
  pending.flush();
  code.line(`if (${value} === null) { ${stores('null')} } else {`);
  writeShape(code, pending, field.shape, value);
  pending.flush();
  code.line('}');
}

function writeArray(code: CodeWriter, pending: PendingText, element: JsonShape, value: string): void {
  const index = code.fresh('index');
  const inner = code.fresh('value');
  pending.add('[');
  pending.flush();
  code.line(`if (!isArray(${value}) || ${value}.toJSON !== undefined) ${GIVE_UP}`);
  code.line(`for (let ${index} = 0; ${index} < ${value}.length; ${index}++) {`);
  code.line(`if (at > ${SCRATCH_BYTES - SLACK_BYTES}) ${GIVE_UP}`);
  code.line(`if (${index} !== 0) u8[at++] = 44;`);
  code.line(`const ${inner} = ${value}[${index}];`);
  writeShape(code, pending, element, inner);
  pending.flush();
  code.line('}');
  pending.add(']');
}
