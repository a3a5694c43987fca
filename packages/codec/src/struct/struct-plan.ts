/**
 * Reads a plan that may have come from another thread or a file.
 * Thread: any; runs once per event type and thread.
 * Algorithm: read the types out of the plan, lay them out anew and compare. Nothing of the given plan is used further, so a forged offset or a number
 * that is text cannot reach generated code.
 */
import { RingmainError } from '@ringmain/core';
import { layoutStruct } from './struct-layout.ts';
import type { StructPlan } from './struct-layout.ts';
import { RESERVED_FIELD_NAMES, STRUCT_LIMITS } from './struct-type.ts';
import type { ObjectType, StructType } from './struct-type.ts';

type Unread = Readonly<Record<string, unknown>>;

/**
 * Checks a plan and returns it as this version lays it out.
 *
 * @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED`
 */
export function readPlan(plan: unknown): StructPlan {
  const given = record(plan);
  const type = readType(record(record(given.frame).root), 0);
  if (given.format !== 1 || type.kind !== 'object') throw foreign('format');
  const own = layoutStruct(type);
  if (JSON.stringify(own) !== JSON.stringify(plan)) throw foreign('layout');
  return own;
}

function readType(node: Unread, depth: number): StructType {
  if (depth > 2 * STRUCT_LIMITS.depthMax) throw foreign('depth');
  const absence = {
    ...(node.optional === true && { optional: true as const }),
    ...(node.nullable === true && { nullable: true as const }),
  };
  switch (node.kind) {
    case 'f64':
    case 'int':
    case 'i32':
    case 'u32':
      return { kind: node.kind, ...readChecks(node, (value) => Number.isFinite(value)), ...absence } as StructType;
    case 'i64':
    case 'u64':
      return {
        kind: node.kind,
        ...readChecks(node, (value) => typeof value === 'string' && isInteger(value)),
        ...absence,
      } as StructType;
    case 'bool':
      return { kind: 'bool', ...absence };
    case 'enum':
      return { kind: 'enum', values: readValues(node), ...absence };
    case 'text':
      return { kind: 'text', ...readLengths(node), ...absence };
    case 'array':
      return { kind: 'array', element: readType(record(record(node.frame).root), depth + 1), ...readLengths(node), ...absence };
    case 'object':
      return { kind: 'object', fields: readFields(node, depth), ...absence };
    default:
      throw foreign('kind');
  }
}

function readFields(node: Unread, depth: number): ObjectType['fields'] {
  return list(node.fields).map((entry) => {
    const { name, type } = record(entry);
    if (typeof name !== 'string' || RESERVED_FIELD_NAMES.includes(name)) throw foreign('name');
    return { name, type: readType(record(type), depth + 1) };
  });
}

function readChecks(node: Unread, fits: (value: unknown) => boolean): { checks?: unknown[] } {
  if (node.checks === undefined) return {};
  const checks = list(node.checks).map((entry) => {
    const { op, value } = record(entry);
    if (!['min', 'above', 'max', 'below', 'multiple'].includes(op as string) || !fits(value)) throw foreign('check');
    return { op, value };
  });
  return { checks };
}

function readLengths(node: Unread): { min?: number; max?: number } {
  const { min, max } = node;
  if ((min !== undefined && typeof min !== 'number') || (max !== undefined && typeof max !== 'number')) throw foreign('length');
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function readValues(node: Unread): (string | number | boolean)[] {
  const values = list(node.values);
  if (values.length === 0 || values.length > STRUCT_LIMITS.enumValuesMax) throw foreign('enum');
  return values.map(readLiteral);
}

function readLiteral(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw foreign('enum value');
}

function isInteger(text: string): boolean {
  const digits = text.startsWith('-') ? text.slice(1) : text;
  return digits.length > 0 && digits.length < 40 && [...digits].every((digit) => digit >= '0' && digit <= '9');
}

function record(value: unknown): Unread {
  if (typeof value === 'object' && value !== null) return value as Unread;
  throw foreign('shape');
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw foreign('list');
}

function foreign(part: string): RingmainError {
  return new RingmainError('RINGMAIN_SCHEMA_UNSUPPORTED', `the ${part} of a struct plan is not one this version writes`, {
    allowed: 'plans from planOf(schema)',
  });
}
