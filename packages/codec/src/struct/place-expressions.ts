/**
 * Places of a struct as JavaScript expressions.
 * Thread: any; runs once per event type.
 */
import type { CodeWriter } from '../code-writer.ts';
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
