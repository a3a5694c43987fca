/**
 * Writes the `encode` function of a struct.
 * Thread: any; the generated function runs on producers.
 * Algorithm of the generated code: read every field once, in schema order; check it; store it; gather bit words in locals and store them last;
 * append texts and arrays behind the fixed section, never beyond what `measure` asked for.
 */
import { literal, quoted } from '../code-writer.ts';
import { bitVariable, doubleAt, openBits, plus, storeBits, wordAt } from './place-expressions.ts';
import type { CodeWriter } from '../code-writer.ts';
import type { FrameNames } from './place-expressions.ts';
import { frameAlignment } from './struct-layout.ts';
import type { ArrayPlace, BigintPlace, EnumPlace, Frame, NumberPlace, ObjectPlace, Place, TextPlace } from './struct-layout.ts';

/** Up to this many values a chain of comparisons beats a map. */
const ENUM_SWITCH_MAX = 16;

/** Where a value came from: `path` is an expression, evaluated only when the value is refused. */
interface Source {
  readonly value: string;
  readonly path: string;
}

/** Generates the statements that encode `data` into the payload at `offset`, up to `end`; they leave the next free byte in `at`. */
export function generateEncoder(code: CodeWriter, frame: Frame): void {
  const names: FrameNames = { word: 'word', double: 'double', id: 0 };
  code.line(`let at = offset + ${(frame.bytes + 7) & ~7};`);
  code.line('const word = offset >> 2, double = offset >> 3;');
  openBits(code, frame, names);
  encodeValue(code, frame.root, { value: 'data', path: '""' }, names);
  storeBits(code, frame, names);
}

function encodeValue(code: CodeWriter, place: Place, source: Source, names: FrameNames): void {
  if (place.presentBit !== undefined) {
    code.line(`if (${source.value} !== undefined) {`);
    code.line(`${bitVariable(names, place.presentBit.offset)} |= ${1 << place.presentBit.shift};`);
  }
  if (place.nullBit !== undefined) {
    code.line(`if (${source.value} === null) ${bitVariable(names, place.nullBit.offset)} |= ${1 << place.nullBit.shift}; else {`);
  }
  encodePresent(code, place, source, names);
  if (place.nullBit !== undefined) code.line('}');
  if (place.presentBit !== undefined) code.line('}');
}

function encodePresent(code: CodeWriter, place: Place, source: Source, names: FrameNames): void {
  switch (place.kind) {
    case 'bool': {
      const bits = bitVariable(names, place.bits.offset);
      code.line(`if (${source.value} === true) ${bits} |= ${1 << place.bits.shift};`);
      code.line(`else if (${source.value} !== false) ${refuse(source, 'a boolean')}`);
      return;
    }
    case 'enum':
      return encodeEnum(code, place, source, names);
    case 'text':
      return encodeText(code, place, source, names);
    case 'object':
      return encodeObject(code, place, source, names);
    case 'array':
      return encodeArray(code, place, source, names);
    case 'i64':
    case 'u64':
      return encodeBigint(code, place, source, names);
    default:
      return encodeNumber(code, place, source, names);
  }
}

const NUMBER_TESTS = {
  f64: { test: (value: string) => `!isFinite(${value})`, allowed: 'a finite number' },
  int: { test: (value: string) => `!isSafeInteger(${value})`, allowed: 'a safe integer' },
  i32: {
    test: (value: string) => `typeof ${value} !== "number" || (${value} | 0) !== ${value}`,
    allowed: 'an integer from -2147483648 to 2147483647',
  },
  u32: {
    test: (value: string) => `typeof ${value} !== "number" || (${value} >>> 0) !== ${value}`,
    allowed: 'an integer from 0 to 4294967295',
  },
};

const COMPARISONS = { min: '>=', above: '>', max: '<=', below: '<' } as const;

function encodeNumber(code: CodeWriter, place: NumberPlace, source: Source, names: FrameNames): void {
  const { test, allowed } = NUMBER_TESTS[place.kind];
  code.line(`if (${test(source.value)}) ${refuse(source, allowed)}`);
  for (const { op, value } of place.checks ?? []) {
    if (op === 'multiple') {
      code.line(`if (!isMultiple(${source.value}, ${literal(value)})) ${refuse(source, `a multiple of ${value}`)}`);
    } else {
      code.line(`if (!(${source.value} ${COMPARISONS[op]} ${literal(value)})) ${refuse(source, `${COMPARISONS[op]} ${value}`)}`);
    }
  }
  const target = place.kind === 'i32' || place.kind === 'u32' ? wordAt(names, place.offset) : doubleAt(names, place.offset);
  code.line(`${target} = ${source.value};`);
}

function encodeBigint(code: CodeWriter, place: BigintPlace, source: Source, names: FrameNames): void {
  const signed = place.kind === 'i64';
  const wrap = signed ? 'BigInt.asIntN' : 'BigInt.asUintN';
  const allowed = `a bigint of 64 bits, ${signed ? 'signed' : 'unsigned'}`;
  code.line(
    `if (typeof ${source.value} !== "bigint" || ${wrap}(64, ${source.value}) !== ${source.value}) ${refuse(source, allowed)}`,
  );
  for (const { op, value } of place.checks ?? []) {
    if (op === 'multiple') {
      code.line(`if (${value}n === 0n || ${source.value} % ${value}n !== 0n) ${refuse(source, `a multiple of ${value}`)}`);
    } else {
      code.line(`if (!(${source.value} ${COMPARISONS[op]} ${value}n)) ${refuse(source, `${COMPARISONS[op]} ${value}`)}`);
    }
  }
  code.line(`views.u8.writeBig${signed ? '' : 'U'}Int64LE(${source.value}, (${names.word} << 2) + ${place.offset});`);
}

function encodeEnum(code: CodeWriter, place: EnumPlace, source: Source, names: FrameNames): void {
  const bits = bitVariable(names, place.bits.offset);
  const shown = place.values.slice(0, ENUM_SWITCH_MAX).map((value) => JSON.stringify(value));
  const allowed = shown.join(', ') + (place.values.length > ENUM_SWITCH_MAX ? `, … (${place.values.length} values)` : '');
  if (place.values.length > ENUM_SWITCH_MAX) {
    const codes = code.constant(new Map(place.values.map((value, index) => [value, index])));
    const index = code.fresh('index');
    code.line(`const ${index} = ${codes}.get(${source.value});`);
    code.line(`if (${index} === undefined) ${refuse(source, allowed)}`);
    code.line(`${bits} |= ${index} << ${place.bits.shift};`);
    return;
  }
  code.line(`switch (${source.value}) {`);
  for (const [index, value] of place.values.entries()) {
    // Index 0 sets no bit: the gathered word starts at zero.
    const store = index === 0 ? '' : ` ${bits} |= ${index << place.bits.shift};`;
    code.line(`case ${literal(value)}:${store} break;`);
  }
  code.line(`default: ${refuse(source, allowed)}`);
  code.line('}');
}

function encodeText(code: CodeWriter, place: TextPlace, source: Source, names: FrameNames): void {
  code.line(`if (typeof ${source.value} !== "string") ${refuse(source, 'a string')}`);
  if (place.min !== undefined) {
    code.line(`if (shorterThan(${source.value}, ${place.min})) ${refuse(source, `${place.min} characters or more`)}`);
  }
  if (place.max !== undefined) {
    code.line(`if (longerThan(${source.value}, ${place.max})) ${refuse(source, `${place.max} characters or fewer`)}`);
  }
  code.line(`at = writeText(views, ${plus(names.word, place.offset >> 2)}, offset, at, end, ${source.value});`);
}

function encodeObject(code: CodeWriter, place: ObjectPlace, source: Source, names: FrameNames): void {
  code.line(
    `if (typeof ${source.value} !== "object" || ${source.value} === null || isArray(${source.value})) ${refuse(source, 'an object')}`,
  );
  for (const { name, type } of place.fields) {
    const value = code.fresh('value');
    code.line(`const ${value} = ${source.value}[${quoted(name)}];`);
    const path = source.path === '""' ? quoted(name) : `${source.path} + ${quoted(`.${name}`)}`;
    encodeValue(code, type, { value, path }, names);
  }
}

function encodeArray(code: CodeWriter, place: ArrayPlace, source: Source, names: FrameNames): void {
  const count = code.fresh('count');
  const start = code.fresh('start');
  const index = code.fresh('index');
  const element = code.fresh('value');
  const id = code.freshId();
  const inner: FrameNames = { word: `word${id}`, double: `double${id}`, id };
  const alignment = frameAlignment(place.frame);
  const slot = place.offset;
  code.line(`if (!isArray(${source.value})) ${refuse(source, 'an array')}`);
  code.line(`const ${count} = ${source.value}.length;`);
  code.line(`if (${count} >>> 0 !== ${count}) ${refuse({ value: count, path: `${source.path} + ".length"` }, 'a length')}`);
  if (place.min !== undefined)
    code.line(`if (${count} < ${place.min}) ${refuseLength(source, count, `${place.min} elements or more`)}`);
  if (place.max !== undefined)
    code.line(`if (${count} > ${place.max}) ${refuseLength(source, count, `${place.max} elements or fewer`)}`);
  code.line(`const ${start} = (at + ${alignment - 1}) & ${-alignment};`);
  code.line(`if (${start} + ${count} * ${place.frame.bytes} > end) throw outgrown();`);
  code.line(`${wordAt(names, slot)} = ${start} - offset; ${wordAt(names, slot + 4)} = ${count};`);
  code.line(`at = ${start} + ${count} * ${place.frame.bytes};`);
  code.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`);
  code.line(`const ${inner.word} = (${start} + ${index} * ${place.frame.bytes}) >> 2, ${inner.double} = ${inner.word} >> 1;`);
  openBits(code, place.frame, inner);
  code.line(`const ${element} = ${source.value}[${index}];`);
  encodeValue(code, place.frame.root, { value: element, path: `${source.path} + "[" + ${index} + "]"` }, inner);
  storeBits(code, place.frame, inner);
  code.line('}');
}

function refuse(source: Source, allowed: string): string {
  return `throw invalid(${source.path}, ${source.value}, ${quoted(allowed)});`;
}

function refuseLength(source: Source, count: string, allowed: string): string {
  return refuse({ value: count, path: `${source.path} + ".length"` }, allowed);
}
