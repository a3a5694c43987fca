/**
 * Errors on their way between threads. The platform's own clone keeps neither names of user classes nor codes, and gives up on what cannot be cloned.
 * Thread: any. Never throws, whatever was thrown; bounded in depth and text.
 */
import { NonRetryableError, RetryAfterError, RingmainError, SkipError, describeError } from '@ringmain/core';

/** An error, or anything else that was thrown, as plain data. */
export type PackedError =
  | { readonly value: string | number | boolean | bigint | null | undefined }
  | {
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** Members that programs look at: `code`, `details`, `delayMs`, `errno`, `syscall`, as far as they are plain. */
      readonly members: Readonly<Record<string, unknown>>;
      readonly cause: PackedError | undefined;
    };

/** Causes of causes beyond are left out. */
const DEPTH_MAX = 8;
const TEXT_CHARS_MAX = 16_384;
const MEMBERS = ['code', 'details', 'delayMs', 'errno', 'syscall'] as const;

/** Classes that whoever catches asks for by `instanceof`. */
const CLASSES: ReadonlyMap<string, { readonly prototype: Error }> = new Map<string, { readonly prototype: Error }>([
  ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((known) => [known.name, known] as const),
  ['RingmainError', RingmainError],
  ['NonRetryableError', NonRetryableError],
  ['RetryAfterError', RetryAfterError],
  ['SkipError', SkipError],
]);

/** Turns what was thrown into plain data. */
export function packError(error: unknown, depth = 0): PackedError {
  if (typeof error === 'symbol') return { value: String(error) };
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null)
    return { value: error as string | number | boolean | bigint | null | undefined };
  const { type, message, stack } = describeError(error);
  const members: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const value = plainMember(error, name);
    if (value !== undefined) members[name] = value;
  }
  const cause = depth < DEPTH_MAX ? read(error, 'cause') : undefined;
  return {
    name: cut(type),
    message: cut(message),
    stack: stack === undefined ? undefined : cut(stack),
    members,
    cause: cause === undefined ? undefined : packError(cause, depth + 1),
  };
}

/** Builds an error that reads like the one that was packed; values that were no errors come back as they were. */
export function unpackError(packed: PackedError): unknown {
  if ('value' in packed) return packed.value;
  const { name, message, stack, members, cause } = packed;
  const error = new Error(message, cause === undefined ? undefined : { cause: unpackError(cause) });
  const known = CLASSES.get(name);
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  const own = { ...members, ...(error.name !== name && { name }), ...(stack !== undefined && { stack }) };
  for (const [key, value] of Object.entries({ ...own, ...(known !== undefined && { name }) })) {
    // As classes have them: `stack` and `name` are not listed, what programs look at is.
    const enumerable = key !== 'stack' && key !== 'name';
    Object.defineProperty(error, key, { value, enumerable, configurable: true, writable: true });
  }
  return error;
}

function plainMember(error: object, name: string): unknown {
  const value = read(error, name);
  if (typeof value !== 'object' && typeof value !== 'function') return typeof value === 'symbol' ? undefined : value;
  try {
    return structuredClone(value);
  } catch {
    return undefined;
  }
}

function read(error: object, name: string): unknown {
  try {
    return (error as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX)}…`;
}
