/**
 * What may stop an event before its lane is tried: the ladder, a rate limit, a circuit breaker, what is staged, a partition that moves.
 * Thread: the publisher's. Asked only while one of them may, see `Publisher`.
 *
 * On the rung `coalesce` events of low priority are thinned out. Where the policy of an event is to coalesce, a newer one of its key takes its place until it
 * leaves the stage a little later; of every other type one of several goes on, and says for how many it stands. Whoever waits for an event has it slowed down.
 */
import type { PublishOutcome } from '@ringmain/core';
import type { LaneRouter } from '../lane-router.ts';
import type { Refusal } from '../record-group.ts';
import type { Admission, Thinning } from './admission.ts';
import type { Overflow } from './overflow.ts';
import type { PublishRequest } from './overflow-parts.ts';

/** Largest number of events that one may stand for. */
const RATE_MAX = 2 ** 31 - 1;

/** Parts of a publisher that its obstacles work with. */
export interface ObstacleParts {
  readonly router: LaneRouter;
  readonly admission: Admission;
  readonly overflow: Overflow;
  /** Called when the ladder was looked at. */
  readonly changed: () => void;
}

/** Obstacles of one publisher. */
export class Obstacles {
  /** True when a type, or a lane, has a circuit breaker for its policy. */
  breakers = false;

  private readonly parts: ObstacleParts;

  constructor(parts: ObstacleParts) {
    this.parts = parts;
  }

  /**
   * Asks for one event.
   *
   * @param mayStage - false for a sender that waits itself; then there is no outcome beside `rejected`
   * @returns the outcome of an event that is stopped, else the event as it goes on
   */
  find(request: PublishRequest, mayStage: boolean): PublishOutcome | PublishRequest {
    const { admission, overflow, router } = this.parts;
    const { type, priority, hash } = request;
    // Whoever comes again anyway takes no token for a try that cannot succeed.
    const behind = mayStage ? undefined : this.heldBy(request);
    if (behind !== undefined) return overflow.refusals.rejected(behind);
    const thinning = this.thinning(request, mayStage);
    const mayQueue = mayStage && admission.queues;
    const barrier = admission.barred !== 0 ? admission.barrier(priority, 1, thinning ?? 'slow', mayQueue) : undefined;
    this.parts.changed();
    if (barrier === 'rate' && mayQueue && this.mayQueue(request)) return this.queue(request, thinning);
    if (barrier !== undefined) return overflow.refusals.barred(type, hash, priority, barrier, admission.retryAfterMs);
    if (this.breakers && overflow.policies.isBroken(type, priority))
      return overflow.refusals.barred(type, hash, priority, 'broken', overflow.policies.brokenForMs(type, priority));
    const passing = this.sampled(request, thinning);
    const lane = router.lane(router.owner(hash), priority);
    if (thinning === 'coalesce' && !router.isHeld(type, hash)) {
      router.noteOwn(hash);
      const outcome = overflow.thin(request, { type, hash, lane, credit: undefined, held: 'staged' });
      if (outcome !== undefined) return outcome;
    }
    const refusal = mayStage ? this.heldBy(request) : undefined;
    router.noteOwn(hash);
    if (refusal === undefined) return passing;
    const outcome = refusal.held === 'moving' ? overflow.hold(passing, refusal) : overflow.resolve(passing, refusal);
    this.settled(passing, outcome);
    return outcome;
  }

  /** Says what became of an event that went on. */
  settled({ type, priority, attributes }: PublishRequest, outcome: PublishOutcome): void {
    if ((outcome.accepted || outcome.status === 'sampled') && attributes?.sampledRate !== undefined)
      this.parts.admission.kept(type);
    if (this.breakers && (outcome.status === 'accepted' || outcome.status === 'partial'))
      this.parts.overflow.policies.succeeded(type, priority);
  }

  /** True where an event beyond the rate limit may wait: there is a place, and nobody who comes again waits for those that stand there to go. */
  private mayQueue(request: PublishRequest): boolean {
    const { admission, overflow } = this.parts;
    const { type, hash, priority } = request;
    return overflow.hasPlace(request) && !admission.isKeeping && !overflow.refusals.held.isAwaited(type, hash, priority);
  }

  /** An event beyond the rate limit waits for its turn in the stage. */
  private queue(request: PublishRequest, thinning: Thinning | undefined): PublishOutcome {
    const { overflow, router } = this.parts;
    const { type, priority, hash } = request;
    const passing = this.sampled(request, thinning);
    router.noteOwn(hash);
    const lane = router.lane(router.owner(hash), priority);
    const outcome = overflow.queue(passing, { type, hash, lane, credit: undefined, held: 'rate' });
    this.settled(passing, outcome);
    return outcome;
  }

  /** The event as it goes on: one of a sample says for how many it stands. */
  private sampled(request: PublishRequest, thinning: Thinning | undefined): PublishRequest {
    const { standsFor } = this.parts.admission;
    return thinning === request.type && standsFor > 1 ? standingFor(request, standsFor) : request;
  }

  /** What holds an event back before its lane is tried, once the ladder's delays have let go what may go. */
  private heldBy({ type, hash, priority }: PublishRequest): Refusal | undefined {
    const { overflow, router } = this.parts;
    let held = overflow.heldBack(type, hash, priority);
    if (held === 'staged') {
      overflow.letThinnedGo();
      held = overflow.heldBack(type, hash, priority);
    }
    if (held === undefined) return undefined;
    return { type, hash, lane: router.lane(router.owner(hash), priority), credit: undefined, held };
  }

  /** How the ladder thins an event out; undefined while it does not. */
  private thinning(request: PublishRequest, mayStage: boolean): Thinning | undefined {
    const { admission, overflow } = this.parts;
    if (admission.barred === 0 || !admission.thins(request.priority)) return undefined;
    if (!mayStage) return 'slow';
    return overflow.coalesces(request) ? 'coalesce' : request.type;
  }
}

function standingFor(request: PublishRequest, events: number): PublishRequest {
  const { sampledRate = 1 } = request.attributes ?? {};
  return { ...request, attributes: { ...request.attributes, sampledRate: Math.min(RATE_MAX, sampledRate * events) } };
}

/** True for an event that was stopped. */
export function isStopped(found: PublishOutcome | PublishRequest): found is PublishOutcome {
  return 'status' in found;
}
