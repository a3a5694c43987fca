/**
 * Words for a value that was refused, and for an error that was caught.
 * Thread: any. A refused value's code never runs: no `toString`, no getter, no proxy trap; so hostile input cannot disturb its own refusal. A
 * caught error's may, and may throw.
 */

const TEXT_CHARS_MAX = 64;

/** Describes a value in a few words: primitives by value (text is cut at 64 characters), all else by kind. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length <= TEXT_CHARS_MAX
        ? JSON.stringify(value)
        : `${JSON.stringify(value.slice(0, TEXT_CHARS_MAX))}… (${value.length} characters)`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return describeBigint(value);
    case 'object':
      return value === null ? 'null' : 'an object';
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    default:
      return String(value);
  }
}

function describeBigint(value: bigint): string {
  // Turning a huge bigint into decimal text takes quadratic time.
  const small = BigInt.asIntN(64, value) === value;
  return small ? `${value}n` : 'a bigint beyond 64 bits';
}

/** What could be read of something that was thrown. */
export interface ErrorDescription {
  /** Name of the error, or the kind of value. */
  readonly type: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/**
 * Describes something that was thrown, for logs and for other threads. Reads its name, message and stack, each only as far as that does not throw.
 */
export function describeError(error: unknown): ErrorDescription {
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null) {
    return { type: typeof error, message: typeof error === 'string' ? error : describeValue(error), stack: undefined };
  }
  return {
    type: readText(error, 'name') ?? describeValue(error),
    message: readText(error, 'message') ?? `${describeValue(error)} without a message that can be read`,
    stack: readText(error, 'stack'),
  };
}

/** The same in one line, as `String(error)` would say it. */
export function errorText(error: unknown): string {
  const { type, message } = describeError(error);
  return (typeof error === 'object' && error !== null) || typeof error === 'function' ? `${type}: ${message}` : message;
}

function readText(error: object, name: 'name' | 'message' | 'stack'): string | undefined {
  try {
    const value = (error as Readonly<Record<string, unknown>>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
