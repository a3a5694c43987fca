/**
 * What the struct codec can hold: a small type tree, read from a zod schema (`describe-schema.ts`) and laid out (`struct-layout.ts`).
 * Thread: any; plain data that survives JSON and `postMessage`.
 */

/** A condition on a number, checked when encoding: `min` and `max` include the value, `above` and `below` exclude it. */
export interface NumberCheck {
  readonly op: 'min' | 'above' | 'max' | 'below' | 'multiple';
  readonly value: number;
}

/** A condition on a bigint; the value stands as decimal text, because JSON has no bigints. */
export interface BigintCheck {
  readonly op: 'min' | 'above' | 'max' | 'below' | 'multiple';
  readonly value: string;
}

/** May be on every type: `optional` allows `undefined` or a missing key, `nullable` allows `null`. */
export interface Absence {
  readonly optional?: true;
  readonly nullable?: true;
}

/** `f64`: any finite number; `int`: safe integers, kept as a double; `i32` and `u32`: one word. */
export interface NumberType extends Absence {
  readonly kind: 'f64' | 'int' | 'i32' | 'u32';
  readonly checks?: readonly NumberCheck[];
}

/** 64-bit integers; a plain `z.bigint()` is kept as `i64` and refuses values beyond it. */
export interface BigintType extends Absence {
  readonly kind: 'i64' | 'u64';
  readonly checks?: readonly BigintCheck[];
}

export interface BooleanType extends Absence {
  readonly kind: 'bool';
}

/** One of a fixed list of values, kept as its index. */
export interface EnumType extends Absence {
  readonly kind: 'enum';
  readonly values: readonly (string | number | boolean)[];
}

/** Lengths count code points, as zod does. */
export interface TextType extends Absence {
  readonly kind: 'text';
  readonly min?: number;
  readonly max?: number;
}

export interface ObjectType extends Absence {
  readonly kind: 'object';
  readonly fields: readonly { readonly name: string; readonly type: StructType }[];
}

export interface ArrayType extends Absence {
  readonly kind: 'array';
  readonly element: StructType;
  readonly min?: number;
  readonly max?: number;
}

export type StructType = NumberType | BigintType | BooleanType | EnumType | TextType | ObjectType | ArrayType;

/** Bounds of one struct; they keep generated code and recursion small. */
export const STRUCT_LIMITS = Object.freeze({
  /** Fields of all objects of a schema together. */
  fieldsMax: 512,
  /** Objects, arrays and marks of absence inside each other, below the payload itself. */
  depthMax: 16,
  enumValuesMax: 4096,
});

/** Field names that cannot be struct fields: one would reach the prototype, the other is the view's own method. */
export const RESERVED_FIELD_NAMES: readonly string[] = Object.freeze(['__proto__', 'toJSON']);
