/**
 * Shared pieces of the code generators: unique names, literals, and places as JavaScript expressions.
 * Thread: any; runs once per event type.
 * Why code is generated: a plain interpreter over the plan costs 5 to 10 times as much per field, and closures per field cannot be inlined across
 * event types; one straight function per type reads each property at its own site, so V8 keeps every access monomorphic.
 * Safety: nothing of the schema enters the code except names and texts quoted by `JSON.stringify`, and numbers that the plan reader checked; a plan
 * that arrives from elsewhere is laid out anew and compared first.
 */
import type { BitSlot, Frame } from './struct-layout.ts';

/** Names of the variables that address one frame, in generated code. */
export interface FrameNames {
  /** Variable holding the index of the frame's first word. */
  readonly word: string;
  /** Variable holding the index of the frame's first double. */
  readonly double: string;
  /** Suffix that keeps variables of nested frames apart. */
  readonly id: number;
}

/** Generated lines, and the values they close over. */
export class CodeWriter {
  readonly lines: string[] = [];
  /** Values the code closes over, under the names `constant0`, `constant1` and so on. */
  readonly constants: unknown[] = [];
  #names = 0;

  /** A number no other part of the code uses. */
  freshId(): number {
    this.#names += 1;
    return this.#names;
  }

  /** A variable name no other part of the code uses. */
  fresh(prefix: string): string {
    return `${prefix}${this.freshId()}`;
  }

  /** Makes a value available to the code and returns the expression for it. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `constant${known === -1 ? this.constants.push(value) - 1 : known}`;
  }

  line(text: string): void {
    this.lines.push(text);
  }
}

/** A quoted text. `JSON.stringify` escapes all that could end a string literal. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A literal of an enum or bound. */
export function literal(value: string | number | boolean): string {
  return JSON.stringify(value);
}

/** Adds a constant to a variable, leaving zero out. */
export function plus(variable: string, constant: number): string {
  return constant === 0 ? variable : `${variable} + ${constant}`;
}

/** The word at a byte offset of a frame. */
export function wordAt(frame: FrameNames, offset: number): string {
  return `i32[${plus(frame.word, offset >> 2)}]`;
}

/** The double at a byte offset of a frame. */
export function doubleAt(frame: FrameNames, offset: number): string {
  return `f64[${plus(frame.double, offset >> 3)}]`;
}

/** Whether a one-bit slot is set. */
export function bitIsSet(frame: FrameNames, slot: BitSlot): string {
  return `(${wordAt(frame, slot.offset)} & ${1 << slot.shift}) !== 0`;
}

/** The number in a bit slot. */
export function bitsAt(frame: FrameNames, slot: BitSlot): string {
  return `(${wordAt(frame, slot.offset)} >>> ${slot.shift}) & ${2 ** slot.width - 1}`;
}

/** The variable in which an encoder gathers a bit word. */
export function bitVariable(frame: FrameNames, offset: number): string {
  return `bits${frame.id}_${offset}`;
}

/** Declares the bit words of a frame, to be gathered while its fields are written. */
export function openBits(code: CodeWriter, frame: Frame, names: FrameNames): void {
  for (const offset of frame.bitWords) code.line(`let ${bitVariable(names, offset)} = 0;`);
}

/** Stores the gathered bit words. */
export function storeBits(code: CodeWriter, frame: Frame, names: FrameNames): void {
  for (const offset of frame.bitWords) code.line(`${wordAt(names, offset)} = ${bitVariable(names, offset)};`);
}
