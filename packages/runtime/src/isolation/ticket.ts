/**
 * Numbers of the calls that a thread of a group is given: they stand in a word of shared memory, so they wrap; 0 stands for none.
 * Thread: any. Invariant: two numbers are compared only while fewer than 2 ** 31 calls lie between them.
 */

/** The number of the call after the one with another number. */
export function nextTicket(ticket: number): number {
  return (ticket + 1) | 0 || 1;
}

/** True when the call with a number has begun. @param begun - number of the call that began last; 0 when none has */
export function hasBegun(ticket: number, begun: number): boolean {
  return ticket !== 0 && ((begun - ticket) | 0) >= 0;
}
