/** The schema of event types whose payload is raw bytes. */
import { z } from 'zod';

/** Accepts a `Uint8Array`; use it with `codec: 'bytes'`. */
export const bytesSchema: z.ZodType<Uint8Array> = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array,
  'expected a Uint8Array',
);
