/**
 * Outcomes of events that were not taken, and what whoever waits is told of: lanes and credit by the bell, what is held back by `HeldWatch`, the rest
 * by time.
 * Thread: the publisher's.
 */
import type { Pressure, PriorityLevel, PublishOutcome } from '@ringmain/core';
import { ThreadCell } from '@ringmain/ring';
import type { EventType } from '../../events/event-type.ts';
import type { ThreadContext } from '../../thread-context.ts';
import { runtimeUs } from '../../thread-context.ts';
import type { LaneRouter } from '../lane-router.ts';
import { Pauses } from '../pauses.ts';
import type { PublishCounters } from '../publish-counters.ts';
import type { Refusal } from '../record-group.ts';
import type { Barrier } from './admission.ts';
import { HeldWatch } from './held-watch.ts';
import { PressureGauge } from './pressure-gauge.ts';
import type { Stage } from './stage.ts';
import type { StageRoutes } from './stage-routes.ts';

/** A batch that wants more credit than half of a window has no ring to wait for, and its share may change at any time. */
const PART_RETRY_MS = 10;

/** What refusals are told with. */
export interface RefusalParts {
  readonly context: ThreadContext;
  readonly router: LaneRouter;
  readonly counters: PublishCounters;
  /** Called for a lane, or an account behind it, whose consumer shall ring when there is room. */
  readonly awaitRoom: (refusal: Refusal) => void;
}

/** Refusals of one publisher. */
export class Refusals {
  /** Types that are refused although room is not what is missing. */
  readonly pauses: Pauses;
  /** What holds events back before their lane is tried. */
  readonly held: HeldWatch;

  private readonly parts: RefusalParts;
  private readonly stage: Stage;
  private readonly gauge: PressureGauge;

  constructor(parts: RefusalParts, stage: Stage, routes: StageRoutes) {
    const { context } = parts;
    this.parts = parts;
    this.stage = stage;
    this.gauge = new PressureGauge(context);
    this.pauses = new Pauses(() => runtimeUs(context));
    this.held = new HeldWatch(stage, routes);
  }

  /** The outcome of an event that was not let through to its lane. */
  barred(
    type: EventType,
    hash: number,
    priority: PriorityLevel,
    barrier: Barrier | 'broken',
    retryAfterMs: number,
  ): PublishOutcome {
    const { router, counters } = this.parts;
    const pressure = { ...this.pressure({ lane: router.lane(router.owner(hash), priority), credit: undefined }), retryAfterMs };
    this.pauses.begin(type, priority, retryAfterMs);
    if (barrier === 'sample') {
      counters.drop(type, 'sampled');
      return { status: 'sampled', accepted: false, ...pressure };
    }
    counters.add(ThreadCell.rejected, 1);
    return { status: 'rejected', accepted: false, reason: barrier, ...pressure };
  }

  /** The outcome of an event that found no room and that the publisher keeps. */
  rejected(refusal: Refusal): PublishOutcome {
    this.parts.counters.add(ThreadCell.rejected, 1);
    this.watch(refusal);
    const { credit, held = credit === undefined ? 'full' : 'credit' } = refusal;
    const group = credit === undefined ? undefined : { group: credit.blockedGroup() };
    return { status: 'rejected', accepted: false, reason: held, ...group, ...this.pressure(refusal) };
  }

  /** Has whoever waits be told once what refused an event is over. */
  watch(refusal: Refusal): void {
    const { type, hash, lane, credit, held, isPart } = refusal;
    const priority = lane.priority as PriorityLevel;
    if (held !== undefined) this.held.note(type, hash, priority);
    else if (isPart === true && credit?.blocked?.hasRoomAgain() === true) this.pauses.begin(type, priority, PART_RETRY_MS);
    else this.parts.awaitRoom(refusal);
  }

  /** How full things are, for an outcome. */
  pressure(refusal: Pick<Refusal, 'lane' | 'credit'>): Pressure {
    return this.gauge.read(refusal, this.stage.size);
  }
}
