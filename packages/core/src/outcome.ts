/**
 * What `publish` answers, at once and without a promise. Success is one of a few frozen objects, so it allocates nothing.
 * Thread: any.
 */

/** The event is in the ring of every thread that wants it. */
export interface Accepted {
  readonly status: 'accepted';
  readonly accepted: true;
  /** Number of threads that received a record; 0 when no subscriber matches the event type. */
  readonly targets: number;
}

/** Accepted, except for groups that had no credit and shed (`whenFull: 'shed'`). They count the event as dropped. */
export interface PartlyAccepted {
  readonly status: 'partial';
  readonly accepted: true;
  readonly targets: number;
  /** Names of the groups that will not get the event. */
  readonly skipped: readonly string[];
}

/** Nothing of the event was taken; the caller still owns it. */
export interface Rejected {
  readonly status: 'rejected';
  readonly accepted: false;
  /** `full`: a lane has no room for the record; `credit`: a group has as much outstanding as it may. */
  readonly reason: 'full' | 'credit';
  /** The group without credit. */
  readonly group?: string;
  /** Name of the lane's priority. */
  readonly priority: string;
  /** Bytes that wait in the lane. */
  readonly depthBytes: number;
  /** Capacity of the lane in bytes. */
  readonly capacityBytes: number;
}

/** What a `send` resolves with. */
export type SendOutcome = Accepted | PartlyAccepted;

/** The answer to one `publish`. */
export type PublishOutcome = SendOutcome | Rejected;

/** Most threads one event can go to: its shard and the main thread. */
export const TARGETS_MAX = 2;

const accepted: readonly Accepted[] = Object.freeze(
  Array.from({ length: TARGETS_MAX + 1 }, (_, targets) =>
    Object.freeze({ status: 'accepted', accepted: true, targets } as const),
  ),
);

/** The frozen success outcome for a number of target threads from 0 to {@link TARGETS_MAX}. */
export function acceptedBy(targets: number): Accepted {
  // The table covers every count the router can produce; a miss is a programmer error and reads as undefined.
  return accepted[targets] as Accepted;
}

/** The outcome of an event that some groups will not get. */
export function partialTo(targets: number, skipped: readonly string[]): PartlyAccepted {
  return { status: 'partial', accepted: true, targets, skipped };
}
