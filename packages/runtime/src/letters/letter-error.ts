/**
 * What a letter says of an error: a bounded JSON text, made in the thread where it was thrown.
 * Thread: any. Never throws, whatever was thrown: getters that throw, cycles of causes, texts of any size, values that are no errors.
 *
 * 1. Every part is read once, guarded, and cut. 2. While the JSON text is too long, all parts are cut to half.
 */
import { describeError } from '@ringmain/core';

/** One error of a chain. */
export interface LetterCause {
  /** Name of the error, or the type of a value that is none. */
  readonly name: string;
  readonly code?: string;
  readonly message: string;
}

/** What a delivery ended with. */
export interface LetterError extends LetterCause {
  readonly stack?: string;
  /** What led to it, the nearest first. */
  readonly causes: readonly LetterCause[];
}

/** Most bytes of the text of an error. */
export const ERROR_TEXT_BYTES_MAX = 4096;

const CAUSES_MAX = 5;
const CHARS = 1536;

/** Writes an error; an empty text for none. */
export function writeLetterError(error: unknown): string {
  if (error === undefined) return '';
  const chain = chainOf(error);
  for (let chars = CHARS; ; chars >>= 1) {
    const [first, ...causes] = chain.map((part) => cut(part, chars));
    const text = JSON.stringify({ ...first, causes: causes.map(causeOf) });
    if (Buffer.byteLength(text) <= ERROR_TEXT_BYTES_MAX) return text;
  }
}

/** Reads what {@link writeLetterError} wrote. */
export function readLetterError(text: string): LetterError | null {
  return text === '' ? null : (JSON.parse(text) as LetterError);
}

type Part = Omit<LetterError, 'causes'>;

/** Stacks of causes mostly repeat the first one's. */
function causeOf({ name, code, message }: Part): LetterCause {
  return { name, ...(code !== undefined && { code }), message };
}

function chainOf(error: unknown): Part[] {
  const chain: Part[] = [];
  const seen = new Set<unknown>();
  let next: unknown = error;
  while (chain.length <= CAUSES_MAX) {
    seen.add(next);
    chain.push(partOf(next));
    next = read(next, 'cause');
    // A cycle says nothing new.
    if (next === undefined || seen.has(next)) break;
  }
  return chain;
}

function partOf(error: unknown): Part {
  const { type, message, stack } = describe(error);
  const code = read(error, 'code');
  const text = typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
  return { name: type, ...(text !== undefined && { code: text }), message, ...(stack !== undefined && { stack }) };
}

function describe(error: unknown): ReturnType<typeof describeError> {
  try {
    return describeError(error);
  } catch {
    return { type: typeof error, message: 'a value that cannot be read', stack: undefined };
  }
}

function read(error: unknown, name: 'cause' | 'code'): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function cut({ name, code, message, stack }: Part, chars: number): Part {
  return {
    name: shorten(name, chars >> 3),
    ...(code !== undefined && { code: shorten(code, chars >> 3) }),
    message: shorten(message, chars),
    ...(stack !== undefined && { stack: shorten(stack, chars) }),
  };
}

function shorten(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, Math.max(0, chars - 1))}…`;
}
