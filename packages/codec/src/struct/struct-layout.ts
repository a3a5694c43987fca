/**
 * Gives every part of a struct its place in the payload.
 * Thread: any; pure, so every thread computes the same layout from the same types.
 *
 * ```
 *  payload ┌──────────── fixed section (one frame) ───────────┬──────── variable section ────────┐
 *          │ 8-byte fields │ 4-byte fields, slots │ bit words │ texts and arrays, one after other │
 *          └───────────────┴──────────────────────┴───────────┴───────────────────────────────────┘
 *  slot of a text : [ start from the payload's first byte | bytes if Latin-1, ~bytes if UTF-16 ]
 *  slot of an array: [ start from the payload's first byte | count ]; its elements are frames of equal stride
 * ```
 * Nested objects are inlined into the frame around them. Booleans, enums and absence marks share bit words.
 * Invariant: no two places overlap; 8-byte fields are 8-aligned because payloads, frames of arrays and strides are.
 */
import type {
  ArrayType,
  BigintType,
  BooleanType,
  EnumType,
  NumberType,
  ObjectType,
  StructType,
  TextType,
} from './struct-type.ts';

/** Some bits of a word: `(i32[(frame + offset) >> 2] >>> shift) & (2 ** width - 1)`. */
export interface BitSlot {
  readonly offset: number;
  readonly shift: number;
  readonly width: number;
}

/** Marks of a value that may be absent: set bit = the value is there, or is `null`. */
interface Marks {
  readonly presentBit?: BitSlot;
  readonly nullBit?: BitSlot;
}

export type NumberPlace = NumberType & Marks & { readonly offset: number };
export type BigintPlace = BigintType & Marks & { readonly offset: number };
export type TextPlace = TextType & Marks & { readonly offset: number };
export type BooleanPlace = BooleanType & Marks & { readonly bits: BitSlot };
export type EnumPlace = EnumType & Marks & { readonly bits: BitSlot };
export type ObjectPlace = Omit<ObjectType, 'fields'> &
  Marks & { readonly fields: readonly { readonly name: string; readonly type: Place }[] };
export type ArrayPlace = Omit<ArrayType, 'element'> & Marks & { readonly offset: number; readonly frame: Frame };

/** A type with its place in the frame that holds it. */
export type Place = NumberPlace | BigintPlace | TextPlace | BooleanPlace | EnumPlace | ObjectPlace | ArrayPlace;

/** A run of bytes with fixed places: the fixed section, or one element of an array. */
export interface Frame {
  readonly bytes: number;
  /** Offsets of the bit words, which the encoder writes last. */
  readonly bitWords: readonly number[];
  readonly root: Place;
}

/** The layout of a struct: plain JSON, from which any thread builds the same codec. */
export interface StructPlan {
  readonly format: 1;
  readonly frame: Frame;
}

/** Lays a struct out. */
export function layoutStruct(type: ObjectType): StructPlan {
  return { format: 1, frame: layoutFrame(type) };
}

function layoutFrame(type: StructType): Frame {
  const eights = countOf(type, 8);
  const fours = countOf(type, 4);
  const allocation: Allocation = {
    eight: 0,
    four: eights * 8,
    bitOffset: eights * 8 + fours * 4 - 4,
    bitShift: 32,
    bitWords: [],
  };
  const root = placed(type, allocation);
  const end = eights * 8 + fours * 4 + allocation.bitWords.length * 4;
  // An element without fields still takes room, so that a count read from memory is bounded by the bytes there are.
  const bytes = Math.max(4, eights > 0 ? (end + 7) & ~7 : end);
  return { bytes, bitWords: allocation.bitWords, root };
}

interface Allocation {
  eight: number;
  four: number;
  bitOffset: number;
  bitShift: number;
  readonly bitWords: number[];
}

/** Number of 8-byte fields (`unit` 8) or 4-byte words (`unit` 4) of a type in its own frame. */
function countOf(type: StructType, unit: 4 | 8): number {
  switch (type.kind) {
    case 'f64':
    case 'int':
    case 'i64':
    case 'u64':
      return unit === 8 ? 1 : 0;
    case 'i32':
    case 'u32':
      return unit === 4 ? 1 : 0;
    case 'text':
    case 'array':
      return unit === 4 ? 2 : 0;
    case 'object':
      return type.fields.reduce((sum, field) => sum + countOf(field.type, unit), 0);
    default:
      return 0;
  }
}

function placed(type: StructType, allocation: Allocation): Place {
  const marks: Marks = {
    ...(type.optional === true && { presentBit: takeBits(1, allocation) }),
    ...(type.nullable === true && { nullBit: takeBits(1, allocation) }),
  };
  switch (type.kind) {
    case 'f64':
    case 'int':
    case 'i64':
    case 'u64':
      return { ...type, ...marks, offset: takeEight(allocation) };
    case 'i32':
    case 'u32':
      return { ...type, ...marks, offset: takeWords(1, allocation) };
    case 'text':
      return { ...type, ...marks, offset: takeWords(2, allocation) };
    case 'bool':
      return { ...type, ...marks, bits: takeBits(1, allocation) };
    case 'enum':
      return { ...type, ...marks, bits: takeBits(Math.max(1, Math.ceil(Math.log2(type.values.length))), allocation) };
    case 'array': {
      const { element, ...rest } = type;
      return { ...rest, ...marks, offset: takeWords(2, allocation), frame: layoutFrame(element) };
    }
    case 'object':
      return {
        ...type,
        ...marks,
        fields: type.fields.map(({ name, type: inner }) => ({ name, type: placed(inner, allocation) })),
      };
  }
}

function takeEight(allocation: Allocation): number {
  const offset = allocation.eight;
  allocation.eight += 8;
  return offset;
}

function takeWords(count: number, allocation: Allocation): number {
  const offset = allocation.four;
  allocation.four += 4 * count;
  return offset;
}

function takeBits(width: number, allocation: Allocation): BitSlot {
  if (allocation.bitShift + width > 32) {
    allocation.bitOffset += 4;
    allocation.bitShift = 0;
    allocation.bitWords.push(allocation.bitOffset);
  }
  const shift = allocation.bitShift;
  allocation.bitShift += width;
  return { offset: allocation.bitOffset, shift, width };
}

/** Tells whether values of a place need the variable section. */
export function isVariable(place: Place): boolean {
  if (place.kind === 'text' || place.kind === 'array') return true;
  return place.kind === 'object' && place.fields.some((field) => isVariable(field.type));
}

/** Alignment of the elements of an array: 8 if they hold doubles, else 4. */
export function frameAlignment(frame: Frame): 4 | 8 {
  return holdsEights(frame.root) ? 8 : 4;
}

function holdsEights(place: Place): boolean {
  if (place.kind === 'object') return place.fields.some((field) => holdsEights(field.type));
  return place.kind === 'f64' || place.kind === 'int' || place.kind === 'i64' || place.kind === 'u64';
}
