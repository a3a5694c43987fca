/**
 * The overflow policy of each event type, with its state: counts of samples, circuit breakers.
 * Thread: the publisher's; bounded by its event types.
 */
import type { PriorityLevel } from '@ringmain/core';
import { PRIORITY_NAMES } from '@ringmain/core';
import type { OverflowPolicy } from '@ringmain/policy';
import { OverflowDecider } from '@ringmain/policy';
import type { RuntimeConfig } from '../../config/config-schema.ts';
import type { EventType } from '../../events/event-type.ts';
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';

/** Policies of one publisher. */
export class TypePolicies {
  private readonly context: ThreadContext;
  /** By type, then by priority: a type without a policy of its own has that of each lane. */
  private readonly deciders = new Map<EventType, OverflowDecider[]>();

  constructor(context: ThreadContext) {
    this.context = context;
    context.live.watch(['overflow'], () => {
      for (const type of this.deciders.keys()) if (type.overflow === undefined) this.deciders.delete(type);
    });
  }

  /** The policy of a type: its own, or that of the lane. */
  of(type: EventType, priority: PriorityLevel): OverflowPolicy {
    const { overflow } = this.context.seed.config;
    // The configuration has the options of every policy, with defaults.
    return type.overflow ?? overflow[PRIORITY_NAMES[priority] as keyof typeof overflow];
  }

  /** Decides for a type. */
  decider(type: EventType, priority: PriorityLevel): OverflowDecider {
    const lane = type.overflow === undefined ? priority : 0;
    const deciders = this.deciders.get(type) ?? [];
    this.deciders.set(type, deciders);
    return (deciders[lane] ??= new OverflowDecider(this.of(type, priority)));
  }

  /** The circuit breaker of a type, if its policy is one, says no. */
  isBroken(type: EventType, priority: PriorityLevel): boolean {
    return this.decider(type, priority).refusesAtOnce(runtimeUs(this.context));
  }

  /** Milliseconds until the circuit breaker of a type lets one event through. */
  brokenForMs(type: EventType, priority: PriorityLevel): number {
    return Math.max(1, Math.ceil(this.decider(type, priority).retryAfterUs(runtimeUs(this.context)) / 1000));
  }

  /** An event of a type with a circuit breaker found room. */
  succeeded(type: EventType, priority: PriorityLevel): void {
    this.decider(type, priority).succeeded(runtimeUs(this.context));
  }
}

/** True when a type, or a lane, has a circuit breaker for its policy. */
export function hasBreakers(config: Pick<RuntimeConfig, 'overflow'>, types: Iterable<EventType>): boolean {
  const configured = Object.values(config.overflow);
  return [...configured, ...[...types].map(({ overflow }) => overflow)].some((overflow) => overflow?.policy === 'circuit-break');
}
