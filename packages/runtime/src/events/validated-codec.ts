/**
 * Puts the check of a whole zod schema in front of a codec.
 * Thread: the codec's own.
 */
import type { PayloadCodec } from '@ringmain/codec';
import { createCodec } from '@ringmain/codec';
import { RingmainError, describeError } from '@ringmain/core';
import type { z } from 'zod';

/** Returns a codec that refuses payloads outside the schema with `RINGMAIN_PAYLOAD_INVALID` and the paths of all problems. */
export function validated(codec: PayloadCodec, schema: z.ZodType, type: string): PayloadCodec {
  return createCodec<unknown>({
    ...codec,
    // Every payload is looked at.
    constantBytes: 0,
    measure(data: unknown): number {
      const result = parse(schema, data, type);
      if (!result.success) throw invalid(type, result.error);
      return codec.measure(data);
    },
  });
}

/** A check of the user's may throw, or answer only later; both refuse the payload. */
function parse(schema: z.ZodType, data: unknown, type: string): z.ZodSafeParseResult<unknown> {
  try {
    return schema.safeParse(data);
  } catch (cause) {
    throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload of ${type}: its schema threw ${describeError(cause).message}`, {
      allowed: 'schemas whose checks are synchronous and throw nothing',
      details: { type },
      cause,
    });
  }
}

function invalid(type: string, error: z.ZodError): RingmainError {
  const problems = error.issues.slice(0, 8).map((issue) => `${issue.path.map(String).join('.') || '(root)'}: ${issue.message}`);
  return new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload of ${type}: ${problems.join('; ')}`, {
    allowed: 'what the schema of the event type accepts',
    details: { type, problems },
    cause: error,
  });
}
