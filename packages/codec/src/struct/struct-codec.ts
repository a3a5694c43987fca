/**
 * The struct codec: payloads of fixed shape, compiled from a zod object schema, read in place without decoding.
 * Thread: any; one codec per thread and event type. Threads without the schema build it from the plan.
 * Algorithm: 1. describe the schema as types, 2. lay them out, 3. generate `measure`, `encode`, `decode` and the view class as one function body
 * with the platform's compiler.
 * Invariant: equal types give equal layouts, so a codec from a schema and one from its plan read each other's bytes.
 */
import { LIMITS, RingmainError } from '@ringmain/core';
import { util } from 'zod/v4/core';
import type { core } from 'zod';
import { CODEC_STRUCT, createCodec } from '../payload-codec.ts';
import type { PayloadCodec } from '../payload-codec.ts';
import { RELEASED_VIEWS } from '../record-views.ts';
import type { RecordViews } from '../record-views.ts';
import { describeSchema } from './describe-schema.ts';
import { CodeWriter, runBody } from '../code-writer.ts';
import { generateDecoders } from './generate-decoder.ts';
import { generateEncoder } from './generate-encoder.ts';
import { generateMeasure } from './generate-measure.ts';
import { generateView } from './generate-view.ts';
import { isVariable, layoutStruct } from './struct-layout.ts';
import type { ObjectPlace, StructPlan } from './struct-layout.ts';
import { readPlan } from './struct-plan.ts';
import { asRefusal, corrupt, invalid, outgrown, oversize } from './struct-refusal.ts';
import { longerThan, openArray, openSection, readText, shorterThan, textBound, writeText } from './variable-section.ts';

/** A struct codec and the plan it was built from. */
export interface StructCodec<T = unknown> extends PayloadCodec<T> {
  /** The layout, as plain JSON; `structFromPlan(plan)` builds the same codec in another thread. */
  readonly plan: StructPlan;
  /** Bytes of the fixed section, which is the whole payload when no field is a text or an array. */
  readonly fixedBytes: number;
}

/**
 * Compiles a zod object schema into a struct codec.
 *
 * @remarks Costs about a millisecond, once per event type and thread. Unknown keys of a payload are ignored, as `z.object` does. `-0` becomes `0` in
 * 32-bit integer fields. Views answer reads through getters: `Object.keys(view)` is empty, `view.toJSON()` gives the plain object.
 * @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED` with the path of the part a struct cannot hold
 */
export function compileStruct<Schema extends core.$ZodType>(schema: Schema): StructCodec<core.output<Schema>> {
  return structFromPlan<core.output<Schema>>(planOf(schema));
}

/** The plan of a schema, without compiling it. @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED` */
export function planOf(schema: core.$ZodType): StructPlan {
  return layoutStruct(describeSchema(schema));
}

/**
 * Builds a struct codec from a plan that came from {@link planOf}, perhaps through JSON or `workerData`.
 *
 * @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED` for a plan that no schema has
 */
export function structFromPlan<T = unknown>(plan: unknown): StructCodec<T> {
  const checked = readPlan(plan);
  const { frame } = checked;
  const fixedBytes = (frame.bytes + 7) & ~7;
  const made = compile(checked, fixedBytes) as GeneratedStruct<T>;
  const codec = createCodec<T>({
    name: 'struct',
    id: CODEC_STRUCT,
    contentType: 'application/vnd.ringmain.struct',
    constantBytes: isVariable(frame.root) ? 0 : fixedBytes,
    measure: made.measure,
    encode: made.encode,
    decode: made.decode,
    view: made.view,
    rebase: made.rebase,
    release: made.release,
  });
  return Object.assign(codec, { plan: checked, fixedBytes });
}

type GeneratedStruct<T> = Pick<PayloadCodec<T>, 'measure' | 'encode' | 'decode' | 'view' | 'rebase' | 'release'>;

/** What generated code may name; the keys are the names. */
const ENVIRONMENT = {
  RELEASED_VIEWS,
  INSPECT: Symbol.for('nodejs.util.inspect.custom'),
  bytesMax: LIMITS.recordBytesMax,
  isArray: Array.isArray,
  isFinite: Number.isFinite,
  isSafeInteger: Number.isSafeInteger,
  freeze: Object.freeze,
  isMultiple: (value: number, step: number): boolean => util.floatSafeRemainder(value, step) === 0,
  enumValue,
  checkBounds,
  invalid,
  outgrown,
  oversize,
  asRefusal,
  textBound,
  writeText,
  shorterThan,
  longerThan,
  openSection,
  readText,
  openArray,
};

function enumValue(values: readonly unknown[], index: number): unknown {
  if (index >= values.length) throw corrupt(`value ${index} of an enum of ${values.length}`);
  return values[index];
}

function checkBounds(views: RecordViews, offset: number, bytes: number, fixedBytes: number): void {
  const inside = bytes >= fixedBytes && offset >= 0 && (offset & 7) === 0 && offset + bytes <= views.u8.length;
  if (!inside) throw corrupt(`${bytes} bytes at ${offset} where ${fixedBytes} or more stand`);
}

function compile(plan: StructPlan, fixedBytes: number): unknown {
  const code = new CodeWriter();
  const root = plan.frame.root as ObjectPlace;
  const variable = isVariable(root);
  const scope = { code, names: new Map() };
  code.line('"use strict";');
  code.line('let limit = 0;');
  generateDecoders(scope, root);
  generateView(scope, root);
  code.line('function encode(data, views, offset) { try {');
  code.line('const i32 = views.i32, f64 = views.f64, end = offset + limit;');
  generateEncoder(code, plan.frame);
  code.line('return at - offset;');
  code.line('} catch (error) { throw asRefusal(error); } }');
  code.line('function measure(data) {');
  if (variable) {
    code.line('try {');
    generateMeasure(code, plan.frame);
    // Set last: getters of the payload may publish the same type in turn.
    code.line('limit = size; return size;');
    code.line('} catch (error) { throw asRefusal(error); }');
  } else {
    code.line(`return ${fixedBytes};`);
  }
  code.line('}');
  code.line(`function decode(views, offset, bytes) { checkBounds(views, offset, bytes, ${fixedBytes}); openSection(bytes);`);
  code.line(`return ${scope.names.get(root)}(views, offset, bytes, offset >> 2); }`);
  code.line(
    `function view(views, offset, bytes) { checkBounds(views, offset, bytes, ${fixedBytes}); return new View(views, offset, bytes); }`,
  );
  code.line('return { measure, encode, decode, view, rebase, release };');
  const constants = Object.fromEntries(code.constants.map((value, index) => [`constant${index}`, value]));
  const made = runBody(code.lines.join('\n'), { ...ENVIRONMENT, ...constants });
  if (made !== undefined) return made;
  throw new RingmainError('RINGMAIN_SCHEMA_UNSUPPORTED', 'this process forbids code generation from strings', {
    allowed: "codec: 'json'",
  });
}
