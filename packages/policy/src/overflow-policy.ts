/**
 * Decides what a producer does with an event for which its lanes have no room.
 * Pure: the caller says what time it is and what the stage, the producer's bounded waiting room, looks like. Thread: any; one decider per event type and
 * producer.
 *
 * | policy | stage has room | stage is full |
 * |---|---|---|
 * | reject | reject | reject |
 * | block | stage | reject |
 * | drop-new | stage | drop-new |
 * | drop-old | stage-droppable | drop-oldest-then-stage |
 * | coalesce | replace, if the key is staged; else as drop-old | the same |
 * | sample | every n-th: stage; the others: sampled | sampled; the turn is kept |
 * | spill | stage | reject |
 * | circuit-break | reject, and broken while open | the same |
 *
 * `spill` needs a store, without which the configuration refuses it; what the decider says holds for the stage in front of the store.
 * Source: Nygard, "Release it!" (2007) for the circuit breaker; differs in: it counts refusals for want of room, not failures of handlers.
 */

/** What becomes of events of one type that find no room. */
export type OverflowPolicy =
  | { readonly policy: 'reject' }
  | { readonly policy: 'block'; readonly deadlineMs: number }
  | { readonly policy: 'drop-new' }
  | { readonly policy: 'drop-old' }
  | { readonly policy: 'coalesce' }
  | { readonly policy: 'sample'; readonly oneOf: number }
  | { readonly policy: 'spill' }
  | { readonly policy: 'circuit-break'; readonly failures: number; readonly cooldownMs: number };

/**
 * What the producer does with the event. `stage-droppable`: staged, and later ones of its type may take its place. `drop-oldest-then-stage`: the oldest
 * droppable one of its type makes room; where there is none, the new one is dropped. `broken`: refused by the open circuit breaker.
 */
export type OverflowDecision =
  | 'stage'
  | 'stage-droppable'
  | 'replace'
  | 'drop-new'
  | 'drop-oldest-then-stage'
  | 'sampled'
  | 'reject'
  | 'broken';

/** What {@link OverflowDecider.decide} looks at. */
export interface OverflowInput {
  /** The stage takes one more event. */
  readonly stageHasRoom: boolean;
  /** The event has a key. */
  readonly keyed: boolean;
  /** An event of the same type and key is staged. */
  readonly canReplace: boolean;
  /** Present time in microseconds. */
  readonly nowUs: number;
}

type Breaker =
  | { readonly kind: 'closed'; readonly refusals: number }
  | { readonly kind: 'open'; readonly untilUs: number }
  /** One try is on its way; if it is never heard of again, another one may go at `untilUs`. */
  | { readonly kind: 'half-open'; readonly untilUs: number };

const CLOSED: Breaker = Object.freeze({ kind: 'closed', refusals: 0 });

/** Decides for one event type. */
export class OverflowDecider {
  private readonly policy: OverflowPolicy;
  /** Events that met a full lane since the last one of them that was staged. */
  private unsampled = 0;
  private breaker: Breaker = CLOSED;

  constructor(policy: OverflowPolicy) {
    this.policy = policy;
  }

  /**
   * Asks, before the lanes are tried, whether the event is refused at once with `broken`. After the cooldown lets one try through.
   *
   * @returns always false for policies other than `circuit-break`
   */
  refusesAtOnce(nowUs: number): boolean {
    const { breaker } = this;
    if (this.policy.policy !== 'circuit-break' || breaker.kind === 'closed') return false;
    if (nowUs < breaker.untilUs) return true;
    this.breaker = { kind: 'half-open', untilUs: nowUs + this.policy.cooldownMs * 1000 };
    return false;
  }

  /** Time in microseconds after which a refused event has a chance again, as far as the circuit breaker knows; 0 when it is closed. */
  retryAfterUs(nowUs: number): number {
    return this.breaker.kind === 'closed' ? 0 : Math.max(0, this.breaker.untilUs - nowUs);
  }

  /** Decides about an event for which there is no room. */
  decide(input: OverflowInput): OverflowDecision {
    const { policy } = this;
    switch (policy.policy) {
      case 'reject':
        return 'reject';
      case 'block':
      case 'spill':
        return input.stageHasRoom ? 'stage' : 'reject';
      case 'drop-new':
        return input.stageHasRoom ? 'stage' : 'drop-new';
      case 'drop-old':
        return dropOld(input);
      case 'coalesce':
        return input.keyed && input.canReplace ? 'replace' : dropOld(input);
      case 'sample':
        return this.sample(policy.oneOf, input);
      case 'circuit-break':
        return this.refuse(policy.failures, policy.cooldownMs * 1000, input.nowUs);
    }
  }

  /** Says that an event of this type found room; ends a row of refusals and, after the cooldown, closes the circuit breaker. */
  succeeded(nowUs: number): void {
    // What was on its way when the breaker opened says nothing about the time after.
    if (this.breaker.kind === 'open' && nowUs < this.breaker.untilUs) return;
    this.breaker = CLOSED;
  }

  private sample(oneOf: number, input: OverflowInput): OverflowDecision {
    this.unsampled++;
    if (this.unsampled < oneOf || !input.stageHasRoom) return 'sampled';
    this.unsampled = 0;
    return 'stage';
  }

  private refuse(failures: number, cooldownUs: number, nowUs: number): OverflowDecision {
    const { breaker } = this;
    if (breaker.kind === 'open' && nowUs < breaker.untilUs) return 'broken';
    const refusals = breaker.kind === 'closed' ? breaker.refusals + 1 : failures;
    this.breaker = refusals >= failures ? { kind: 'open', untilUs: nowUs + cooldownUs } : { kind: 'closed', refusals };
    return 'reject';
  }
}

function dropOld(input: OverflowInput): OverflowDecision {
  return input.stageHasRoom ? 'stage-droppable' : 'drop-oldest-then-stage';
}
