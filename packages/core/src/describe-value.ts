/**
 * Words for a value that was refused, for error messages.
 * Thread: any. Never runs code of the value: no `toString`, no getter, no proxy trap; so hostile input cannot disturb its own refusal.
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
