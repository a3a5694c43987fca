/**
 * Everything that can arrive at one thread: its in-links, drained by priority with a quota per pass.
 * Thread: the consumer's.
 *
 * One pass takes from each priority in turn, critical first, up to its quota; producers of one priority take turns. No lane is
 * starved, because no pass lets a lane take more than its quota.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import type { ThreadContext } from '../thread-context.ts';
import type { InLane } from './in-link.ts';
import { InLink } from './in-link.ts';

/** Records per priority and pass, over all producers. */
const QUOTA = [256, 128, 64, 16] as const;

/** Drains up to `max` records of a lane; returns how many, or -1 when it must wait. */
export type DrainLane = (lane: InLane, max: number) => number;

/** The in-links of one thread. */
export class Inbox {
  private readonly links: readonly InLink[];
  private readonly lanes: InLane[][] = [[], [], [], []];
  private readonly turn = [0, 0, 0, 0];

  constructor(context: ThreadContext) {
    this.links = context.seed.plan.threads.map((_, producer) => new InLink(context, producer));
  }

  /** Opens lanes that came into use. Once per turn. */
  refresh(): void {
    let before = 0;
    let after = 0;
    for (const link of this.links) {
      link.refresh();
      for (const lane of link.lanes) if (lane !== undefined) after++;
    }
    for (const lanes of this.lanes) before += lanes.length;
    if (before === after) return;
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) {
      this.lanes[priority] = this.links.map((link) => link.lanes[priority]).filter((lane) => lane !== undefined);
    }
  }

  /**
   * One pass over all lanes.
   *
   * @returns the number of records taken; -1 when none was, because lanes stalled
   */
  pass(drain: DrainLane): number {
    let taken = 0;
    let stalled = false;
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) {
      const lanes = this.lanes[priority] as InLane[];
      let quota = QUOTA[priority] as number;
      for (let visited = 0; visited < lanes.length && quota > 0; visited++) {
        const turn = (this.turn[priority] as number) % lanes.length;
        this.turn[priority] = turn + 1;
        const count = drain(lanes[turn] as InLane, quota);
        // A lane that must wait holds up no other.
        if (count < 0) {
          stalled = true;
          continue;
        }
        taken += count;
        quota -= count;
      }
    }
    return stalled && taken === 0 ? -1 : taken;
  }

  /** True when a lane holds records, or a lane came into use; the look after arming the bell. */
  hasWork(): boolean {
    this.refresh();
    for (const lanes of this.lanes) {
      for (const lane of lanes) if (lane.ring.refresh()) return true;
    }
    return false;
  }

  /** The lane with a number, if it is in use. */
  lane(number: number): InLane | undefined {
    return this.links[number >> 2]?.lanes[number & 3];
  }

  /** Wakes every producer; used by a successor, which cannot know whether its predecessor did. */
  rouseProducers(): void {
    for (const link of this.links) link.rouse();
  }
}
