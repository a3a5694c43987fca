/**
 * The events of the job: one source for their types, codecs, keys and priorities.
 * Thread: main and every shard.
 *
 * Everything about a package carries its name as key, so it meets in one shard, in order. Results go before new files: that keeps
 * what is under way small. Telemetry goes last.
 */
import type { InferEvents } from 'ringmain';
import { defineEvents } from 'ringmain';
import { z } from 'zod';

const ofPackage = ({ package: name }: { readonly package: string }): string => name;
const ofKind = ({ kind }: { readonly kind: string }): string => kind;

export const events = defineEvents({
  /** Says how many files of a package will follow; that is how its shard knows when the package is complete. */
  'package.found': { codec: 'struct', key: ofPackage, schema: z.object({ package: z.string(), files: z.int() }) },
  'file.found': { codec: 'struct', key: ofPackage, schema: z.object({ path: z.string(), package: z.string(), bytes: z.int() }) },
  'file.parsed': {
    codec: 'struct',
    key: ofPackage,
    priority: 'critical',
    schema: z.object({
      package: z.string(),
      parsed: z.boolean(),
      functions: z.int(),
      classes: z.int(),
      imports: z.int(),
      nestingMax: z.int(),
    }),
  },
  'file.hashed': {
    codec: 'struct',
    key: ofPackage,
    priority: 'critical',
    schema: z.object({ package: z.string(), sha256: z.string() }),
  },
  'file.counted': {
    codec: 'struct',
    key: ofPackage,
    priority: 'critical',
    schema: z.object({ package: z.string(), bytes: z.int(), lines: z.int(), blankLines: z.int() }),
  },
  'package.indexed': {
    codec: 'struct',
    key: ofPackage,
    schema: z.object({
      package: z.string(),
      files: z.int(),
      unparsed: z.int(),
      bytes: z.int(),
      lines: z.int(),
      blankLines: z.int(),
      functions: z.int(),
      classes: z.int(),
      imports: z.int(),
      nestingMax: z.int(),
      sha256: z.string(),
    }),
  },
  'file.telemetry': {
    codec: 'struct',
    key: ofKind,
    priority: 'low',
    schema: z.object({ kind: z.string(), bytes: z.int(), parseUs: z.number() }),
  },
  'telemetry.requested': { codec: 'struct', key: ofKind, priority: 'low', schema: z.object({ kind: z.string() }) },
  'telemetry.summarized': {
    codec: 'struct',
    key: ofKind,
    schema: z.object({ kind: z.string(), files: z.int(), bytes: z.int(), seconds: z.number(), p50Us: z.int(), p99Us: z.int() }),
  },
});

/** Payloads by event name. */
export type Events = InferEvents<typeof events>;
