/**
 * What holds events back before their lane is tried: earlier events in the stage, and partitions that move. Says when one of them is over.
 * Thread: the publisher's.
 *
 * 1. `note` remembers by which routes an event was held back. 2. `look`, after everything that takes events out of the stage or changes the partition
 * table, forgets the routes that are free now, and tells.
 * Invariant: a route that is watched is held; so whoever waits for one is told, and is told of nothing else.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { EventType } from '../../events/event-type.ts';
import type { Stage } from './stage.ts';
import type { StageRoutes } from './stage-routes.ts';

/** Events of one publisher that were held back. */
export class HeldWatch {
  /** Called when something that held events back is over: whoever waits tries again. */
  onFreed: (() => void) | undefined;

  private readonly stage: Stage;
  private readonly routes: StageRoutes;
  /** Types that were refused, by the route that held them back; bounded by routes and types. */
  private readonly watched = new Map<number, Set<EventType>>();

  constructor(stage: Stage, routes: StageRoutes) {
    this.stage = stage;
    this.routes = routes;
  }

  /** True while something that refused an event is not over. */
  get any(): boolean {
    return this.watched.size > 0;
  }

  /** An event was refused because it is held back. */
  note(type: EventType, hash: number, priority: PriorityLevel): void {
    for (const route of this.routes.of(type, hash, priority)) {
      if (!this.holds(route)) continue;
      const types = this.watched.get(route) ?? new Set();
      this.watched.set(route, types.add(type));
    }
  }

  /** True while somebody waits for what an event would stand behind to go. */
  isAwaited(type: EventType, hash: number, priority: PriorityLevel): boolean {
    return this.watched.size > 0 && this.routes.of(type, hash, priority).some((route) => this.watched.has(route));
  }

  /** True while something holds back that has refused events of a type and priority. */
  concerns(type: EventType, priority: PriorityLevel): boolean {
    for (const [route, types] of this.watched) if (types.has(type) && this.routes.concerns(route, priority)) return true;
    return false;
  }

  /** Looks whether something is over. */
  look(): void {
    let freed = false;
    for (const route of this.watched.keys()) {
      if (this.holds(route)) continue;
      this.watched.delete(route);
      freed = true;
    }
    if (freed) this.onFreed?.();
  }

  private holds(route: number): boolean {
    return this.stage.holds(route) || this.routes.isMoving(route);
  }
}
