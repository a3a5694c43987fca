/**
 * Brings staged events into the lanes, in their order: one that cannot go holds back the later ones for the same groups.
 * Thread: the publisher's.
 */
import { ThreadCell } from '@ringmain/ring';
import type { Bells } from '../bells.ts';
import type { LaneRouter } from '../lane-router.ts';
import type { OutLane } from '../out-link.ts';
import type { PublishCounters } from '../publish-counters.ts';
import type { Refusal } from '../record-group.ts';
import { RecordGroup } from '../record-group.ts';
import type { RecordWriter } from '../record-writer.ts';
import type { Stage, StagedEvent } from './stage.ts';

/** What staged events are committed with. */
export interface PumpParts {
  readonly router: LaneRouter;
  readonly writer: RecordWriter;
  readonly counters: PublishCounters;
  readonly bells: Bells;
  /** Called for a lane, or an account behind it, whose consumer shall ring when there is room. */
  readonly awaitRoom: (refusal: Refusal) => void;
}

/** Pump of one stage. */
export class StagePump {
  private readonly parts: PumpParts;
  private readonly stage: Stage;

  constructor(parts: PumpParts, stage: Stage) {
    this.parts = parts;
    this.stage = stage;
  }

  /**
   * Goes through the stage once.
   *
   * @param left - called for each event that was committed
   * @returns true when there was one
   */
  run(left: (event: StagedEvent) => void): boolean {
    const { router, awaitRoom } = this.parts;
    let moved = false;
    const full = new Set<OutLane>();
    const heldBack = new Set<number>();
    for (const event of this.stage) {
      const { type, hash, priority, routes } = event;
      const lane = router.lane(router.owner(hash), priority);
      const mustStay = event.ticket === 'waiting' || router.isHeld(type, hash) || full.has(lane);
      if (mustStay || routes.some((route) => heldBack.has(route))) {
        for (const route of routes) heldBack.add(route);
        continue;
      }
      const refusal = this.commit(event);
      if (refusal === undefined) {
        moved = true;
        left(event);
        continue;
      }
      for (const route of routes) heldBack.add(route);
      if (refusal.credit === undefined) full.add(refusal.lane);
      awaitRoom(refusal);
    }
    return moved;
  }

  private commit({ type, priority, hash, body }: StagedEvent): Refusal | undefined {
    const { router, writer, counters, bells } = this.parts;
    const group = new RecordGroup(router, writer, counters);
    try {
      const refusal = group.copy(type, priority, hash, body);
      if (refusal !== undefined) return refusal;
      group.commit();
      if (group.records.length === 0) {
        counters.count(type);
        counters.add(ThreadCell.unrouted, 1);
      }
      for (const lane of group.lanes()) bells.committed(lane.link);
      return undefined;
    } finally {
      group.end();
    }
  }
}
