/** Event types of the soak: one for each overflow policy, critical ones, and what handlers publish. Thread: any. */
import { defineEvents } from 'ringmain';
import { z } from 'zod';

const load = z.object({ key: z.int(), n: z.int() });

/** What an event of the soak carries. */
export interface SoakLoad {
  readonly key: number;
  readonly n: number;
}

const of = <Extra extends object>(extra: Extra) => ({
  schema: load,
  codec: 'struct' as const,
  key: (data: SoakLoad) => data.key,
  ...extra,
});

export const events = defineEvents({
  'soak.urgent': of({ priority: 'critical' as const }),
  'load.reject': of({ priority: 'high' as const }),
  'load.block': of({ overflow: { policy: 'block', deadlineMs: 200 } }),
  'load.drop-new': of({ overflow: { policy: 'drop-new' } }),
  'load.drop-old': of({ overflow: { policy: 'drop-old' } }),
  'load.coalesce': of({ overflow: { policy: 'coalesce' } }),
  'load.sample': of({ priority: 'low' as const, overflow: { policy: 'sample', oneOf: 10 } }),
  'load.circuit-break': of({ priority: 'low' as const, overflow: { policy: 'circuit-break', failures: 20, cooldownMs: 50 } }),
  /** Taken by a group that sheds, and by one that does not. */
  'both.shed': of({ priority: 'low' as const }),
  /** Taken by the group that stops and goes on. */
  'gate.passed': of({ overflow: { policy: 'drop-old' } }),
  /** Published by handlers, taken by the main thread. */
  'echo.made': of({ overflow: { policy: 'drop-new' } }),
});

/** Types that the load is made of, critical ones apart. */
export const LOAD_TYPES = [
  'load.reject',
  'load.block',
  'load.drop-new',
  'load.drop-old',
  'load.coalesce',
  'load.sample',
  'load.circuit-break',
  'both.shed',
  'gate.passed',
] as const;

/** One of the types the main thread publishes. */
export type SoakType = (typeof LOAD_TYPES)[number] | 'soak.urgent';

/** All types of the soak. */
export type SoakEvents = Readonly<Record<SoakType | 'echo.made', SoakLoad>>;
