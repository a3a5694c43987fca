/**
 * The stage: where events of one publisher wait for which there was no room. Bounded in events and bytes, in the order of publishing.
 * Thread: the publisher's. Its events are encoded already, so nobody can change them any more.
 *
 * Events of one route, which is (consumer, priority, group) or a partition that moves, stay in order: a later one must not pass an earlier one
 * that is staged. Which routes are staged is counted, so that a publish asks in a few array reads.
 * Invariant: an event leaves exactly once: committed, dropped or replaced.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { EventType } from '../../events/event-type.ts';

/** An event that waits. */
export interface StagedEvent {
  readonly type: EventType;
  readonly priority: PriorityLevel;
  readonly hash: number;
  /** Partition key as text, if the event has one. */
  readonly key: string | undefined;
  flags: number;
  /** Header, extension and payload, ready to be copied into a lane. */
  body: Buffer;
  /** Where it goes: see `StageRoutes`. */
  routes: readonly number[];
  /** Longest wait for room, in milliseconds; infinite for one that only a move staged. */
  readonly waitMs: number;
  /** End of its wait, in microseconds of the runtime; infinite while its partition moves, or it waits for the rate limit. */
  deadlineUs: number;
  /** Later events of its type may take its place. */
  readonly droppable: boolean;
  /** Events that it stands for. */
  merged: number;
  /** Its ticket, if the rate limit staged it: `waiting` in the `RateQueue`, or `paid`. */
  ticket: 'waiting' | 'paid' | undefined;
  /** Called when it left. */
  readonly settled: (() => void)[];
}

/** Bounds of a stage. */
export interface StageOptions {
  readonly events: number;
  readonly bytes: number;
}

/** Staged events of one publisher. */
export class Stage implements Iterable<StagedEvent> {
  /** Bytes of all bodies. */
  bytes = 0;

  private options: StageOptions;
  private readonly events = new Set<StagedEvent>();
  private readonly byRoute: Int32Array;
  /** Droppable events by type, oldest first. */
  private readonly droppable = new Map<EventType, Set<StagedEvent>>();
  /** Number of events by hash. */
  private readonly byHash = new Map<number, number>();
  /** The latest event by type and key. */
  private readonly byKey = new Map<string, StagedEvent>();

  /** @param routes - number of routes there are */
  constructor(options: StageOptions, routes: number) {
    this.options = options;
    this.byRoute = new Int32Array(routes);
  }

  /** Takes other bounds from now on; what is staged beyond them stays. */
  configure(options: StageOptions): void {
    this.options = options;
  }

  /** Number of staged events. */
  get size(): number {
    return this.events.size;
  }

  /** True while the stage takes one more event; the last one may exceed the bytes. */
  get hasRoom(): boolean {
    return this.events.size < this.options.events && this.bytes < this.options.bytes;
  }

  /** True when an event of a route waits. */
  holds(route: number): boolean {
    return this.byRoute[route] !== 0;
  }

  /** Adds an event at the end. */
  add(event: StagedEvent): void {
    this.events.add(event);
    this.bytes += event.body.length;
    this.count(event.routes, 1);
    this.byHash.set(event.hash, (this.byHash.get(event.hash) ?? 0) + 1);
    if (event.key !== undefined) this.byKey.set(keyOf(event.type, event.key), event);
    if (!event.droppable) return;
    const same = this.droppable.get(event.type) ?? new Set();
    this.droppable.set(event.type, same.add(event));
  }

  /** Removes an event; false when it had left before. */
  remove(event: StagedEvent): boolean {
    if (!this.events.delete(event)) return false;
    this.bytes -= event.body.length;
    this.count(event.routes, -1);
    const others = (this.byHash.get(event.hash) ?? 1) - 1;
    if (others > 0) this.byHash.set(event.hash, others);
    else this.byHash.delete(event.hash);
    if (event.key !== undefined && this.byKey.get(keyOf(event.type, event.key)) === event)
      this.byKey.delete(keyOf(event.type, event.key));
    const same = this.droppable.get(event.type);
    if (same?.delete(event) === true && same.size === 0) this.droppable.delete(event.type);
    return true;
  }

  /** True while an event is staged. */
  has(event: StagedEvent): boolean {
    return this.events.has(event);
  }

  /** True when no other event of its hash is staged, so that a newer one may take its place without passing any that it must not pass. */
  isAlone(event: StagedEvent): boolean {
    return this.byHash.get(event.hash) === 1 && this.events.has(event);
  }

  /** Has a staged event stand for a newer one as well, in its place. */
  renew(event: StagedEvent, flags: number, body: Buffer): void {
    this.bytes += body.length - event.body.length;
    event.flags = flags;
    event.body = body;
    event.merged++;
  }

  /** Gives a staged event other routes; its place in the order stays. */
  reroute(event: StagedEvent, routes: readonly number[]): void {
    this.count(event.routes, -1);
    event.routes = routes;
    this.count(routes, 1);
  }

  /** The latest staged event of a type and key. */
  latest(type: EventType, key: string): StagedEvent | undefined {
    return this.byKey.get(keyOf(type, key));
  }

  /** True when something is staged beside the droppable events of a type. */
  holdsOthers(type: EventType): boolean {
    return this.events.size > (this.droppable.get(type)?.size ?? 0);
  }

  /** The oldest event of a type that may be dropped. */
  oldestDroppable(type: EventType): StagedEvent | undefined {
    return this.droppable.get(type)?.values().next().value;
  }

  /** In the order of publishing. */
  [Symbol.iterator](): Iterator<StagedEvent> {
    return this.events.values();
  }

  private count(routes: readonly number[], by: 1 | -1): void {
    for (const route of routes) this.byRoute[route] = (this.byRoute[route] as number) + by;
  }
}

function keyOf(type: EventType, key: string): string {
  return `${type.cell} ${key}`;
}
