/**
 * Puts the check of a whole zod schema in front of a codec.
 * Thread: the codec's own.
 */
import type { PayloadCodec } from '@ringmain/codec';
import { createCodec } from '@ringmain/codec';
import { RingmainError } from '@ringmain/core';
import type { z } from 'zod';

/** Returns a codec that refuses payloads outside the schema with `RINGMAIN_PAYLOAD_INVALID` and the paths of all problems. */
export function validated(codec: PayloadCodec, schema: z.ZodType, type: string): PayloadCodec {
  return createCodec<unknown>({
    ...codec,
    // Every payload is looked at.
    constantBytes: 0,
    measure(data: unknown): number {
      const result = schema.safeParse(data);
      if (!result.success) throw invalid(type, result.error);
      return codec.measure(data);
    },
  });
}

function invalid(type: string, error: z.ZodError): RingmainError {
  const problems = error.issues.slice(0, 8).map((issue) => `${issue.path.map(String).join('.') || '(root)'}: ${issue.message}`);
  return new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload of ${type}: ${problems.join('; ')}`, {
    allowed: 'what the schema of the event type accepts',
    details: { type, problems },
    cause: error,
  });
}
