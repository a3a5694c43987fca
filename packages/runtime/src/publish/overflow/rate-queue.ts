/**
 * Staged events that wait for a token of the publisher's rate limit, where it queues instead of refusing.
 * Thread: the publisher's. Bounded by the stage: each ticket belongs to one staged event.
 *
 * Tokens go to the highest priority first, and within it to the oldest ticket. An event whose ticket is paid is like any other that is staged.
 * Invariant: an event whose ticket waits is in the stage.
 */
import type { PriorityLevel } from '@ringmain/core';
import { PRIORITY_NAMES } from '@ringmain/core';

/** What may have a ticket. */
export interface TicketHolder {
  readonly priority: PriorityLevel;
  ticket: 'waiting' | 'paid' | undefined;
}

/** Events of one publisher whose tickets wait. */
export class RateQueue<Event extends TicketHolder> {
  /** Tickets that wait. */
  size = 0;

  private readonly waiting: readonly Set<Event>[] = PRIORITY_NAMES.map(() => new Set<Event>());

  /** Adds an event, with a ticket at the end of its priority. */
  add(event: Event): void {
    event.ticket = 'waiting';
    this.waiting[event.priority]?.add(event);
    this.size++;
  }

  /** Takes the ticket back of an event that has gone; one that does not wait has none. */
  remove(event: Event): void {
    if (this.waiting[event.priority]?.delete(event) === true) this.size--;
  }

  /** True while a ticket waits that goes before events of a priority: one of the same or a higher one. */
  isBefore(priority: PriorityLevel): boolean {
    if (this.size === 0) return false;
    for (let level = 0; level <= priority; level++) if (this.waiting[level]?.size !== 0) return true;
    return false;
  }

  /**
   * Pays tickets as long as there are tokens.
   *
   * @param take - takes one token: returns 0, or what its refusal says
   * @param paid - gets the events whose tickets were paid
   * @returns what the first refusal said; `undefined` when nothing waits any more
   */
  pay(take: (priority: number) => number, paid: Event[]): number | undefined {
    for (const [priority, events] of this.waiting.entries()) {
      for (const event of events) {
        const refused = take(priority);
        if (refused !== 0) return refused;
        event.ticket = 'paid';
        this.remove(event);
        paid.push(event);
      }
    }
    return undefined;
  }
}
