/**
 * The routes of staged events: what of theirs may not be passed by later events.
 * Thread: the publisher's.
 *
 * An event goes by (consumer, priority, group) for each group that takes it. While its partition moves it has no consumer, and goes by its partition
 * alone: events of other partitions may pass it.
 */
import type { PriorityLevel } from '@ringmain/core';
import { LIMITS, PARTITION_COUNT, PRIORITY_COUNT, partitionOf } from '@ringmain/core';
import { MAIN_THREAD } from '@ringmain/ring';
import type { EventType } from '../../events/event-type.ts';
import type { LaneRouter } from '../lane-router.ts';

/** One more than the groups: stands for what the main thread itself listens to. */
const ROUTES_PER_LANE = LIMITS.groupsMax + 1;

/** Routes of one publisher. */
export class StageRoutes {
  /** Number of routes there are. */
  readonly count: number;

  private readonly router: LaneRouter;
  /** The route of held events of partition 0; those of the others follow. */
  private readonly firstHeld: number;

  /** @param threads - number of threads of the runtime */
  constructor(router: LaneRouter, threads: number) {
    this.router = router;
    this.firstHeld = threads * PRIORITY_COUNT * ROUTES_PER_LANE;
    this.count = this.firstHeld + PARTITION_COUNT;
  }

  /** The routes of an event, as numbers below {@link StageRoutes.count}. */
  of(type: EventType, hash: number, priority: PriorityLevel): number[] {
    const owner = this.router.owner(hash);
    const routes = this.router.isHeld(type, hash)
      ? [this.firstHeld + partitionOf(hash)]
      : type.targets.map(({ group }) => routeKey(owner, priority, group));
    if (type.toMain) routes.push(routeKey(MAIN_THREAD, priority, LIMITS.groupsMax));
    return routes;
  }

  /** True while a route is that of a partition which moves. */
  isMoving(route: number): boolean {
    return route >= this.firstHeld && this.router.view.isHeld(route - this.firstHeld);
  }

  /** True for a route that events of a priority may have. */
  concerns(route: number, priority: PriorityLevel): boolean {
    return route >= this.firstHeld || Math.floor(route / ROUTES_PER_LANE) % PRIORITY_COUNT === priority;
  }
}

/** A number for (consumer, priority, group); group `LIMITS.groupsMax` stands for subscriptions of the main thread. */
function routeKey(consumer: number, priority: number, group: number): number {
  return (consumer * PRIORITY_COUNT + priority) * ROUTES_PER_LANE + group;
}
