/**
 * What a zod schema says of a payload's shape, for the JSON writer: a hint and no promise, since the writer looks at every value again.
 * Thread: any; runs once per event type.
 */
import type { core } from 'zod';

/** A hint. `any` stands for everything the writer has no code for; `scalar` for numbers, texts and booleans in any mixture. */
export type JsonShape =
  | { readonly kind: 'number' | 'text' | 'boolean' | 'scalar' | 'any' }
  | { readonly kind: 'object'; readonly fields: readonly JsonField[] }
  | { readonly kind: 'array'; readonly element: JsonShape };

/** A member of an object. */
export interface JsonField {
  readonly name: string;
  readonly shape: JsonShape;
  /** The member may be missing or `undefined`. */
  readonly optional: boolean;
  /** The member may be `null`. */
  readonly nullable: boolean;
}

/** Members of all objects of one schema, and levels, beyond which the writer would grow larger than it is worth. */
const FIELDS_MAX = 128;
const DEPTH_MAX = 8;

/** The shape of an object schema; undefined for any other schema, and for one that is too large. */
export function jsonShape(schema: core.$ZodType): Extract<JsonShape, { kind: 'object' }> | undefined {
  const budget = { fields: FIELDS_MAX };
  const shape = shapeOf(schema, 0, budget);
  return shape.kind === 'object' && budget.fields >= 0 ? shape : undefined;
}

function shapeOf(schema: core.$ZodType, depth: number, budget: { fields: number }): JsonShape {
  const def = schema._zod.def as core.$ZodTypes['_zod']['def'];
  if (depth > DEPTH_MAX || budget.fields < 0) return { kind: 'any' };
  switch (def.type) {
    case 'number':
      return { kind: 'number' };
    case 'string':
      return { kind: 'text' };
    case 'boolean':
      return { kind: 'boolean' };
    case 'enum':
    case 'literal':
      return { kind: 'scalar' };
    case 'readonly':
      return shapeOf(def.innerType, depth + 1, budget);
    case 'array':
      return { kind: 'array', element: shapeOf(def.element, depth + 1, budget) };
    case 'object':
      // Reading that member would answer the prototype.
      if (Object.hasOwn(def.shape, '__proto__')) return { kind: 'any' };
      return {
        kind: 'object',
        fields: Object.entries(def.shape).map(([name, inner]) => fieldOf(name, inner, depth + 1, budget)),
      };
    default:
      return { kind: 'any' };
  }
}

function fieldOf(name: string, schema: core.$ZodType, depth: number, budget: { fields: number }): JsonField {
  budget.fields--;
  let inner = schema;
  let optional = false;
  let nullable = false;
  for (;;) {
    const def = inner._zod.def as core.$ZodTypes['_zod']['def'];
    if (def.type === 'optional' || def.type === 'default') optional = true;
    else if (def.type === 'nullable') nullable = true;
    else break;
    inner = def.innerType;
  }
  return { name, shape: shapeOf(inner, depth, budget), optional, nullable };
}
