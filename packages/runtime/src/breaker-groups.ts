/**
 * Which groups have a circuit breaker, and by which rules. Apart from the options and their schema, which the coordinator's thread need not load.
 * Thread: any.
 */
import type { BreakerOptions } from './breaker-options.ts';
import type { RuntimeConfig } from './config/config-schema.ts';

/** The same, filled in. */
export type BreakerRules = Required<BreakerOptions>;

/** A group that has a breaker. */
export interface BreakerGroup {
  /** Number of its first subscriber, which is that of the breaker. */
  readonly number: number;
  readonly name: string;
  readonly rules: BreakerRules;
}

/** What is known of a group everywhere. */
interface NamedGroup {
  readonly name: string;
  readonly breaker?: BreakerOptions;
}

/** What holds where neither the configuration nor the subscriber says anything. */
const DEFAULTS: BreakerRules = Object.freeze({
  window: 'calls',
  windowCalls: 100,
  windowMs: 10_000,
  minimumCalls: 20,
  failureRate: 0.5,
  slowRate: 0.5,
  combinedRate: 0.6,
  slowMs: 100,
  hangAfterMs: 4000,
  openMs: 1000,
  openMaxMs: 60_000,
  probes: 5,
  probeMs: 10_000,
  rampStepMs: 500,
  onOpen: 'hold',
});

/** The groups that have a breaker: by themselves, or by the configuration. */
export function breakerGroups({ breakers }: Pick<RuntimeConfig, 'breakers'>, groups: readonly NamedGroup[]): BreakerGroup[] {
  const found = new Map<string, BreakerGroup>();
  for (const [number, { name }] of groups.entries()) {
    if (found.has(name)) continue;
    const own = groups.find((group) => group.name === name && group.breaker !== undefined)?.breaker;
    const configured = Object.hasOwn(breakers, name) ? (breakers[name] as BreakerOptions) : undefined;
    if (own !== undefined || configured !== undefined)
      found.set(name, { number, name, rules: { ...DEFAULTS, ...configured, ...own } });
  }
  return [...found.values()];
}
