/**
 * Options of a subscription of the main thread.
 * Thread: main.
 */
import type { PriorityName, RingmainEvent } from '@ringmain/core';

/** Options of `Runtime.subscribe`. */
export interface SubscribeOptions<Event = RingmainEvent> {
  /** Name of the group; derived from the pattern when not given. */
  readonly group?: string;
  /** Least urgent priority that it takes; what is less urgent counts as filtered. Everything if not given. */
  readonly priorityMin?: PriorityName;
  /** Declines an event by returning false, which counts as filtered. Asked for each event, so keep it cheap. */
  readonly where?: (event: Event) => boolean;
}
