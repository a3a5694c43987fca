/**
 * The stage: where events of one publisher wait for which there was no room. Bounded in events and bytes, in the order of publishing.
 * Thread: the publisher's. Its events are encoded already, so nobody can change them any more.
 *
 * Events for the same (consumer, priority, group) stay in order: a later one must not pass an earlier one that is staged. Which of those are
 * staged is counted, so that a publish asks in a few array reads.
 * Invariant: an event leaves exactly once: committed, dropped or replaced.
 */
import type { EventAttributes, PriorityLevel } from '@ringmain/core';
import { LIMITS, PRIORITY_COUNT } from '@ringmain/core';
import type { EventType } from '../../events/event-type.ts';

/** An event that waits. */
export interface StagedEvent {
  readonly type: EventType;
  readonly priority: PriorityLevel;
  readonly hash: number;
  /** Partition key as text, if the event has one. */
  readonly key: string | undefined;
  readonly flags: number;
  readonly attributes: EventAttributes | undefined;
  /** Header, extension and payload, ready to be copied into a lane. */
  readonly body: Buffer;
  /** Where it goes: see {@link routeKey}. */
  readonly routes: readonly number[];
  /** End of its wait, in microseconds of the runtime. */
  readonly deadlineUs: number;
  /** Later events of its type may take its place. */
  readonly droppable: boolean;
  /** Events that it stands for. */
  readonly merged: number;
  /** Called when it left. */
  readonly settled: (() => void)[];
}

/** Bounds of a stage. */
export interface StageOptions {
  readonly events: number;
  readonly bytes: number;
}

/** One more than the groups: stands for what the main thread itself listens to. */
const ROUTES_PER_LANE = LIMITS.groupsMax + 1;

/** A number for (consumer, priority, group); group `LIMITS.groupsMax` stands for subscriptions of the main thread. */
export function routeKey(consumer: number, priority: number, group: number): number {
  return (consumer * PRIORITY_COUNT + priority) * ROUTES_PER_LANE + group;
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
  /** The latest event by type and key. */
  private readonly byKey = new Map<string, StagedEvent>();

  /** @param threads - number of threads of the runtime */
  constructor(options: StageOptions, threads: number) {
    this.options = options;
    this.byRoute = new Int32Array(threads * PRIORITY_COUNT * ROUTES_PER_LANE);
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

  /** True when an event for the same consumer, priority and group waits. */
  holds(route: number): boolean {
    return this.byRoute[route] !== 0;
  }

  /** Adds an event at the end. */
  add(event: StagedEvent): void {
    this.events.add(event);
    this.bytes += event.body.length;
    for (const route of event.routes) this.byRoute[route] = (this.byRoute[route] as number) + 1;
    if (event.key !== undefined) this.byKey.set(keyOf(event.type, event.key), event);
    if (!event.droppable) return;
    const same = this.droppable.get(event.type) ?? new Set();
    this.droppable.set(event.type, same.add(event));
  }

  /** Removes an event; false when it had left before. */
  remove(event: StagedEvent): boolean {
    if (!this.events.delete(event)) return false;
    this.bytes -= event.body.length;
    for (const route of event.routes) this.byRoute[route] = (this.byRoute[route] as number) - 1;
    if (event.key !== undefined && this.byKey.get(keyOf(event.type, event.key)) === event)
      this.byKey.delete(keyOf(event.type, event.key));
    const same = this.droppable.get(event.type);
    if (same?.delete(event) === true && same.size === 0) this.droppable.delete(event.type);
    return true;
  }

  /** The latest staged event of a type and key. */
  latest(type: EventType, key: string): StagedEvent | undefined {
    return this.byKey.get(keyOf(type, key));
  }

  /** The oldest event of a type that may be dropped. */
  oldestDroppable(type: EventType): StagedEvent | undefined {
    return this.droppable.get(type)?.values().next().value;
  }

  /** In the order of publishing. */
  [Symbol.iterator](): Iterator<StagedEvent> {
    return this.events.values();
  }
}

function keyOf(type: EventType, key: string): string {
  return `${type.cell} ${key}`;
}
