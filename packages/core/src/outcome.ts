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

/** Nothing of the event was taken; the caller still owns it. */
export interface Rejected {
  readonly status: 'rejected';
  readonly accepted: false;
  /** `full`: a lane has no room for the record. */
  readonly reason: 'full';
  /** Name of the lane's priority. */
  readonly priority: string;
  /** Bytes that wait in the full lane. */
  readonly depthBytes: number;
  /** Capacity of the full lane in bytes. */
  readonly capacityBytes: number;
}

/** The answer to one `publish`. */
export type PublishOutcome = Accepted | Rejected;

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
