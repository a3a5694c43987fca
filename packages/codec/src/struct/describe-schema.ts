/**
 * Reads a zod 4 schema as a {@link StructType}, or says which part of it a struct cannot hold.
 * Thread: any; runs once per event type when it is defined.
 * Algorithm: walk the schema's own definition (`_zod.def`), unwrap what only changes types, collect the checks that are plain comparisons and
 * refuse everything else: a check that is silently skipped would let invalid payloads through.
 */
import { RingmainError } from '@ringmain/core';
import type { core } from 'zod';
import { RESERVED_FIELD_NAMES, STRUCT_LIMITS } from './struct-type.ts';
import type { BigintCheck, NumberCheck, ObjectType, StructType } from './struct-type.ts';

type Def = core.$ZodTypes['_zod']['def'];
type Check = core.$ZodChecks['_zod']['def'];

interface Walk {
  /** Schemas on the way from the root, to refuse types that contain themselves. */
  readonly open: Set<unknown>;
  fields: number;
}

/**
 * Describes a zod object schema as a struct.
 *
 * @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED` with the path of the part that does not fit
 */
export function describeSchema(schema: core.$ZodType): ObjectType {
  const type = describe(schema, '', { open: new Set(), fields: 0 });
  if (type.kind !== 'object' || type.optional === true || type.nullable === true) {
    throw unsupported('', type.kind === 'object' ? 'an object that may be absent' : type.kind, 'z.object({ … }) as the payload');
  }
  return type;
}

function describe(schema: core.$ZodType, path: string, walk: Walk): StructType {
  const def = schema._zod.def as Def;
  if (walk.open.has(schema)) throw unsupported(path, 'a type that contains itself', 'types of fixed depth');
  if (walk.open.size > STRUCT_LIMITS.depthMax) throw unsupported(path, 'nested too deeply', `${STRUCT_LIMITS.depthMax} levels`);
  walk.open.add(schema);
  const type = describeDef(def, path, walk);
  walk.open.delete(schema);
  return type;
}

function describeDef(def: Def, path: string, walk: Walk): StructType {
  switch (def.type) {
    case 'optional':
      refuseChecks(def, path);
      return mayBeAbsent(describe(def.innerType, path, walk), 'optional');
    case 'nullable':
      refuseChecks(def, path);
      return mayBeAbsent(describe(def.innerType, path, walk), 'nullable');
    case 'readonly':
      refuseChecks(def, path);
      return describe(def.innerType, path, walk);
    case 'object':
      return describeObject(def, path, walk);
    case 'array':
      return { kind: 'array', element: describe(def.element, `${path}[]`, walk), ...lengths(def, path) };
    case 'number':
      return describeNumber(def, path);
    case 'bigint':
      return describeBigint(def, path);
    case 'string':
      if ('format' in def && def.format !== undefined) throw unsupportedCheck(path, `the format ${JSON.stringify(def.format)}`);
      refuseCoercion(def, path);
      return { kind: 'text', ...lengths(def, path) };
    case 'boolean':
      refuseCoercion(def, path);
      refuseChecks(def, path);
      return { kind: 'bool' };
    case 'enum':
    case 'literal':
    case 'union':
      return { kind: 'enum', values: enumValues(def, path) };
    default:
      throw unsupported(path, def.type, SUPPORTED);
  }
}

/** Adds a mark; the order of keys is fixed, because plans are compared as text. */
function mayBeAbsent(type: StructType, mark: 'optional' | 'nullable'): StructType {
  const { optional, nullable, ...bare } = type;
  return {
    ...bare,
    ...((mark === 'optional' || optional === true) && { optional: true }),
    ...((mark === 'nullable' || nullable === true) && { nullable: true }),
  };
}

function describeObject(def: core.$ZodObjectDef, path: string, walk: Walk): ObjectType {
  refuseChecks(def, path);
  if (def.catchall !== undefined)
    throw unsupported(path, 'an object with rules for unknown keys', 'z.object, which ignores unknown keys');
  const fields = Object.entries(def.shape).map(([name, schema]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (RESERVED_FIELD_NAMES.includes(name))
      throw unsupported(at, 'a reserved name', `any name but ${RESERVED_FIELD_NAMES.join(', ')}`);
    if (++walk.fields > STRUCT_LIMITS.fieldsMax) throw unsupported(at, 'one field too many', `${STRUCT_LIMITS.fieldsMax} fields`);
    return { name, type: describe(schema, at, walk) };
  });
  return { kind: 'object', fields };
}

function describeNumber(def: core.$ZodNumberDef, path: string): StructType {
  refuseCoercion(def, path);
  let kind: 'f64' | 'int' | 'i32' | 'u32' = 'f64';
  const checks: NumberCheck[] = [];
  // `z.int()` is a number schema whose own definition is its format check.
  const own = 'format' in def ? [def as unknown as Check] : [];
  for (const check of [...own, ...checkDefs(def)]) {
    if (check.check !== 'number_format') {
      const bound = numberCheck(check, path);
      if (bound !== undefined) checks.push(bound);
    } else if (check.format === 'float32') {
      checks.push({ op: 'min', value: -FLOAT32_MAX }, { op: 'max', value: FLOAT32_MAX });
    } else if (check.format === 'int32') {
      if (kind === 'u32') checks.push({ op: 'max', value: 0x7fffffff });
      else kind = 'i32';
    } else if (check.format === 'uint32') {
      if (kind === 'i32') checks.push({ op: 'min', value: 0 });
      else kind = 'u32';
    } else if (check.format === 'safeint') {
      if (kind === 'f64') kind = 'int';
    }
  }
  return { kind, ...(checks.length > 0 && { checks }) };
}

function numberCheck(check: Check, path: string): NumberCheck | undefined {
  if (check.check === 'greater_than' && check.value === -Infinity) return undefined;
  if (check.check === 'less_than' && check.value === Infinity) return undefined;
  const op = comparison(check, path);
  const value = (check as { value?: unknown }).value;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw unsupportedCheck(path, `${check.check} ${String(value)}`);
  return { op, value };
}

function describeBigint(def: core.$ZodBigIntDef, path: string): StructType {
  refuseCoercion(def, path);
  let kind: 'i64' | 'u64' = 'i64';
  const checks: BigintCheck[] = [];
  const own = 'format' in def ? [def as unknown as Check] : [];
  for (const check of [...own, ...checkDefs(def)]) {
    if (check.check === 'bigint_format') {
      if (check.format === 'uint64') kind = 'u64';
      continue;
    }
    const op = comparison(check, path);
    const value = (check as { value?: unknown }).value;
    if (typeof value !== 'bigint' || BigInt.asIntN(80, value) !== value) throw unsupportedCheck(path, check.check);
    checks.push({ op, value: String(value) });
  }
  return { kind, ...(checks.length > 0 && { checks }) };
}

function comparison(check: Check, path: string): NumberCheck['op'] {
  if (check.check === 'greater_than') return check.inclusive ? 'min' : 'above';
  if (check.check === 'less_than') return check.inclusive ? 'max' : 'below';
  if (check.check === 'multiple_of') return 'multiple';
  throw unsupportedCheck(path, check.check);
}

/** Length checks of a string or array; several of one sort narrow each other. */
function lengths(def: Def, path: string): { min?: number; max?: number } {
  let min = 0;
  let max = Infinity;
  for (const check of checkDefs(def)) {
    if (check.check === 'min_length') min = Math.max(min, check.minimum);
    else if (check.check === 'max_length') max = Math.min(max, check.maximum);
    else if (check.check === 'length_equals') {
      min = Math.max(min, check.length);
      max = Math.min(max, check.length);
    } else throw unsupportedCheck(path, check.check);
  }
  return { ...(min > 0 && { min }), ...(max < Infinity && { max }) };
}

function enumValues(def: Def, path: string): (string | number | boolean)[] {
  refuseChecks(def, path);
  const values = new Set<string | number | boolean>();
  for (const value of primitiveValues(def, path)) {
    const fits = typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
    if (!fits)
      throw unsupported(
        path,
        `the literal ${String(value)}`,
        'literals that are text, finite numbers or booleans; .nullable() for null',
      );
    values.add(value);
  }
  if (values.size === 0 || values.size > STRUCT_LIMITS.enumValuesMax) {
    throw unsupported(path, `an enum of ${values.size} values`, `1 to ${STRUCT_LIMITS.enumValuesMax} values`);
  }
  return [...values];
}

function primitiveValues(def: Def, path: string): unknown[] {
  if (def.type === 'literal') return def.values;
  if (def.type === 'enum') {
    // A numeric TypeScript enum also maps its numbers back to names; those reverse entries are no values.
    const entries = Object.entries(def.entries);
    return entries
      .filter(([name]) => typeof (def.entries as Record<string, unknown>)[String(def.entries[name])] !== 'number')
      .map(([, value]) => value);
  }
  if (def.type === 'union') {
    return def.options.flatMap((option) => {
      const inner = option._zod.def as Def;
      refuseChecks(inner, path);
      return primitiveValues(inner, path);
    });
  }
  throw unsupported(path, `a union with ${def.type}`, 'unions of literals and enums');
}

function checkDefs(def: Def): Check[] {
  return (def.checks ?? []).map((check) => check._zod.def as Check);
}

function refuseChecks(def: Def, path: string): void {
  const [check] = checkDefs(def);
  if (check !== undefined) throw unsupportedCheck(path, check.check);
}

function refuseCoercion(def: Def, path: string): void {
  if ('coerce' in def && def.coerce) throw unsupported(path, 'a coercion', SUPPORTED);
}

const FLOAT32_MAX = 3.4028234663852886e38;

const SUPPORTED =
  "z.number, z.int, z.int32, z.uint32, z.bigint, z.boolean, z.enum, z.literal, z.string, z.object, z.array, .optional, .nullable; for anything else codec: 'json'";

function unsupported(path: string, found: string, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_SCHEMA_UNSUPPORTED', `${path === '' ? 'the schema' : path} is ${found}`, {
    allowed,
    details: { path, found },
  });
}

function unsupportedCheck(path: string, check: string): RingmainError {
  const allowed = "comparisons, multiples, lengths and integer formats; for anything else codec: 'json'";
  return unsupported(path, `checked by ${check}`, allowed);
}
