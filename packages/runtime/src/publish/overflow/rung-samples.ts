/**
 * Which events are kept on the rung `coalesce` of the ladder: of each type one of several, so that whoever gets it may reckon with as many of its kind.
 * Thread: the publisher's. Bounded by its event types.
 */
import type { EventType } from '../../events/event-type.ts';

/** Samples of one publisher. */
export class RungSamples {
  private readonly oneOf: () => number;
  /** Events that were left out since one was kept, by type. */
  private readonly leftOut = new Map<EventType, number>();

  /** @param oneOf - of so many events one is kept */
  constructor(oneOf: () => number) {
    this.oneOf = oneOf;
  }

  /**
   * Asks for one event.
   *
   * @returns for how many events it stands; 0 when it is left out
   */
  standsFor(type: EventType): number {
    const events = (this.leftOut.get(type) ?? 0) + 1;
    if (events >= this.oneOf()) return events;
    this.leftOut.set(type, events);
    return 0;
  }

  /** One that may be kept was published. Until then it is the turn of the next one: what is refused for another reason stands for nothing. */
  kept(type: EventType): void {
    this.leftOut.delete(type);
  }
}
