/** Options of the publishing calls. */
import type { EventAttributes, PriorityLevel, PriorityName } from '@ringmain/core';

/** What may be said of one event beside its type and data. */
export interface PublishOptions extends Omit<EventAttributes, 'key' | 'redriveOf' | 'redrives'> {
  /** Overrides the priority of the event type. */
  readonly priority?: PriorityName | PriorityLevel;
  /** Overrides the partition key of the event type. */
  readonly key?: string | number;
}

/** Options of `writable`. */
export interface WritableOptions extends PublishOptions {
  /** Ends a write that waits for room, and refuses later ones. `pipeTo` needs it beside its own signal, which waits for the write in flight. */
  readonly signal?: AbortSignal;
}

/** Options of `ready`. */
export interface ReadyOptions {
  /** Priority that the events are published with, if it is not that of their type. */
  readonly priority?: PriorityName | PriorityLevel;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** One event of a batch. */
export interface BatchEntry extends PublishOptions {
  readonly type: string;
  readonly data: unknown;
}

/** Options of `send`. */
export interface SendOptions extends PublishOptions {
  /** What the promise waits for: room in the ring, or that every matching group has handled the event. @defaultValue `'accepted'` */
  readonly until?: 'accepted' | 'handled';
  /** Milliseconds after which the promise rejects. @defaultValue `deliveryTimeoutMs` of the configuration */
  readonly timeoutMs?: number;
  /** Ends the wait; an event that was accepted before stays accepted. */
  readonly signal?: AbortSignal;
}
