/**
 * Staged events that wait for a token of the publisher's rate limit, where it queues instead of refusing.
 * Thread: the publisher's. Bounded by the stage: each ticket belongs to one staged event.
 *
 * Tokens go to the highest priority first, and within it to the oldest ticket. An event whose ticket is paid is like any other that is staged.
 * Invariant: a ticket that waits belongs to an event in the stage.
 */
import type { PriorityLevel } from '@ringmain/core';
import { PRIORITY_NAMES } from '@ringmain/core';

/** The place of one event, or of the newer ones that took its place in the stage. */
export interface RateTicket {
  readonly priority: PriorityLevel;
  isPaid: boolean;
}

/** Waiting tickets of one publisher. */
export class RateQueue {
  private readonly waiting: readonly Set<RateTicket>[] = PRIORITY_NAMES.map(() => new Set<RateTicket>());

  /** Tickets that wait. */
  get size(): number {
    return this.waiting.reduce((sum, { size }) => sum + size, 0);
  }

  /** Adds a ticket at the end of its priority; one that waits already keeps its place. */
  add(ticket: RateTicket): void {
    this.waiting[ticket.priority]?.add(ticket);
  }

  /** Takes a ticket back whose event has gone. */
  remove(ticket: RateTicket): void {
    this.waiting[ticket.priority]?.delete(ticket);
  }

  /** True while a ticket waits that goes before events of a priority: one of the same or a higher one. */
  isBefore(priority: PriorityLevel): boolean {
    for (let level = 0; level <= priority; level++) if (this.waiting[level]?.size !== 0) return true;
    return false;
  }

  /**
   * Pays tickets as long as there are tokens.
   *
   * @param take - takes one token: returns 0, or what its refusal says
   * @returns what the first refusal said; `undefined` when nothing waits any more
   */
  pay(take: (priority: number) => number): number | undefined {
    for (const [priority, tickets] of this.waiting.entries()) {
      for (const ticket of tickets) {
        const refused = take(priority);
        if (refused !== 0) return refused;
        ticket.isPaid = true;
        tickets.delete(ticket);
      }
    }
    return undefined;
  }
}
