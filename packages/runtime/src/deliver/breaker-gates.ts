/**
 * The circuit breakers of one thread, by group; subscribers of one group share theirs.
 * Thread: the consumer's.
 */
import { BreakerBoardWord, BreakerCell, Doorbell } from '@ringmain/ring';
import type { BreakerGroup } from '../breaker-groups.ts';
import { breakerGroups } from '../breaker-groups.ts';
import { fallbackOf } from '../config/breaker-section.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { BreakerGate } from './breaker-gate.ts';
import type { Gate } from './gate.ts';

/** Breakers of the groups that a thread hosts. */
export class BreakerGates {
  /** Has what waits at a gate begin. */
  onReady: ((gate: Gate) => void) | undefined;

  private readonly context: ThreadContext;
  private readonly gates = new Map<string, BreakerGate>();

  constructor(context: ThreadContext) {
    this.context = context;
  }

  /** Makes the breakers of hosted groups. Once, before the groups. */
  host(groups: readonly GroupDescription[]): void {
    const { seed, live } = this.context;
    for (const found of breakerGroups(seed.config, groups)) this.gates.set(found.name, this.create(found));
    live.watch(['breakers'], (config) => {
      for (const { name, rules } of breakerGroups(config, groups)) this.gates.get(name)?.configure(rules);
    });
  }

  /** The breaker of a hosted group; undefined where it has none. */
  of(group: string): BreakerGate | undefined {
    return this.gates.get(group);
  }

  /** Name of the group whose handler is called while a group's breaker is open. */
  fallbackOf(group: string): string | undefined {
    return fallbackOf(this.gates.get(group)?.onOpen ?? '');
  }

  /** Takes over what has changed; once a turn. */
  look(): void {
    for (const gate of this.gates.values()) gate.look();
  }

  /** True when a gate has changed since the last look. */
  hasNews(): boolean {
    for (const gate of this.gates.values()) if (gate.hasNews) return true;
    return false;
  }

  /** Gives back probes that nothing used; before the thread sleeps. */
  rest(): void {
    for (const gate of this.gates.values()) gate.rest();
  }

  /** Ends all timers. */
  stop(): void {
    for (const gate of this.gates.values()) gate.stop();
  }

  private create({ number, rules }: BreakerGroup): BreakerGate {
    const { context } = this;
    const { atomics, control, seed } = context;
    const { plan } = seed;
    const base = ((plan.threads[context.thread]?.breakers ?? 0) >> 2) + number;
    return new BreakerGate({
      context,
      cell: new BreakerCell(atomics, control, base),
      bell: new Doorbell(atomics, control, (plan.breakers >> 2) + BreakerBoardWord.bell),
      rules,
      admit: (gate) => this.onReady?.(gate),
    });
  }
}
