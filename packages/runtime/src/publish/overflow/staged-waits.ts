/**
 * How long staged events wait: without an end for the end of a move and for the rate limit, which both come; then for room as long as their policy allows.
 * Thread: the publisher's.
 */
import type { OverflowPolicy } from '@ringmain/policy';
import { runtimeUs } from '../../thread-context.ts';
import type { Refusal } from '../record-group.ts';
import type { DeadlineTimer } from '../../deadline-timer.ts';
import { FOR_EVER } from '../../deadline-timer.ts';
import type { OverflowParts } from './overflow-parts.ts';
import type { Stage, StagedEvent } from './stage.ts';

const NOTHING: readonly StagedEvent[] = [];

/** Waits of one stage. */
export class StagedWaits {
  private readonly parts: OverflowParts;
  private readonly timer: DeadlineTimer;
  /** Events whose time has not begun because they may stand behind others that wait for the rate limit. All of them are staged. */
  private readonly behind = new Set<StagedEvent>();

  constructor(parts: OverflowParts, timer: DeadlineTimer) {
    this.parts = parts;
    this.timer = timer;
  }

  /** Begins the time that an event may wait for room, unless room is not what it waits for. */
  begin(event: StagedEvent): void {
    const { router, context, admission } = this.parts;
    // What coalesced at the end of the stage may stand behind others that wait for the rate limit.
    const isBehind = event.merged > 1 && admission.queue.isBefore(event.priority);
    if (isBehind) this.behind.add(event);
    else this.behind.delete(event);
    const mustWait = isBehind || event.ticket === 'waiting' || router.isHeld(event.type, event.hash);
    if (mustWait) event.deadlineUs = FOR_EVER;
    else if (event.deadlineUs === FOR_EVER) event.deadlineUs = runtimeUs(context) + this.waitMsOf(event) * 1000;
    this.timer.wakeAt(event.deadlineUs);
  }

  /** An event has left the stage, and the queue for the rate limit; where that was the last one there, nothing stands behind it any more. */
  forget(event: StagedEvent): void {
    this.behind.delete(event);
    if (this.behind.size > 0 && this.parts.admission.queue.size === 0) for (const other of this.behind) this.begin(other);
  }

  /** Pays what waits for the rate limit, as far as there are tokens; returns what was paid. */
  payQueue(): readonly StagedEvent[] {
    const { admission, context } = this.parts;
    if (admission.queue.size === 0) return NOTHING;
    const paid: StagedEvent[] = [];
    const waitUs = admission.payQueue(paid);
    if (waitUs !== undefined) this.timer.wakeAt(runtimeUs(context) + waitUs);
    return paid;
  }

  /** Begins the time of what was paid and is still staged, and of what stood behind it. */
  beginPaid(paid: readonly StagedEvent[], stage: Stage): void {
    if (paid.length === 0) return;
    for (const event of this.behind) this.begin(event);
    for (const event of paid) if (stage.has(event)) this.begin(event);
  }

  /** Longest wait for room. Every wait ends, except for an event that its policy would never have staged: accepted because of a move, it is not lost by one. */
  longestMs(policy: OverflowPolicy, held: Refusal['held']): number {
    if (policy.policy === 'block') return policy.deadlineMs;
    const isNeverStaged = policy.policy === 'reject' || policy.policy === 'circuit-break';
    // Moves end. What the rate limit staged may be for a group that never has room again.
    return isNeverStaged && held !== 'rate' ? FOR_EVER : this.parts.context.seed.config.stage.maxWaitMs;
  }

  /** How long an event waits for room once its partition has arrived. One that only the move staged waits as it would in a lane. */
  private waitMsOf({ waitMs, settled }: StagedEvent): number {
    // A delivery that waits for it may hold the very credit that it waits for.
    return waitMs === FOR_EVER && settled.length > 0 ? this.parts.context.seed.config.stage.maxWaitMs : waitMs;
  }
}
