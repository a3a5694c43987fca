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

/** What a publisher is told beside an outcome other than success. */
export interface Pressure {
  /** Name of the lane's priority. */
  readonly priority: string;
  /** Bytes that wait in the lane. */
  readonly depthBytes: number;
  /** Capacity of the lane in bytes. */
  readonly capacityBytes: number;
  /** Events of this publisher that wait in its stage. */
  readonly staged: number;
  /** When it is worth trying again, in milliseconds from now, from 1; an estimate from how fast the lane or the group went on lately. */
  readonly retryAfterMs: number;
}

/** The event waits in the publisher's stage. It goes on as soon as there is room; it is dropped, counted and told of, if that takes too long. */
export interface Staged extends Pressure {
  readonly status: 'staged';
  readonly accepted: true;
}

/** The event took the place of an earlier one of the same type and key that waited in the stage. */
export interface Coalesced extends Pressure {
  readonly status: 'coalesced';
  readonly accepted: true;
  /** Events that the staged one stands for, this one included. */
  readonly merged: number;
}

/** The event was left out by sampling; every now and then one is kept, and says for how many it stands. */
export interface Sampled extends Pressure {
  readonly status: 'sampled';
  readonly accepted: false;
}

/** The event was dropped, as the policy of its type says. */
export interface Dropped extends Pressure {
  readonly status: 'dropped';
  readonly accepted: false;
}

/**
 * Why an event was refused. `full`: a lane has no room for the record. `credit`: a group has as much outstanding as it may. `staged`: earlier events
 * for the same groups wait in the stage, which is full. `rate`: the publisher's rate limit. `throttle`, `shed`: the degradation ladder. `broken`: the
 * circuit breaker of the event type. `moving`: its partition is on its way to another shard, and the stage is full.
 */
export type RejectReason = 'full' | 'credit' | 'staged' | 'moving' | 'rate' | 'throttle' | 'shed' | 'broken';

/** Nothing of the event was taken; the caller still owns it. */
export interface Rejected extends Pressure {
  readonly status: 'rejected';
  readonly accepted: false;
  readonly reason: RejectReason;
  /** The group without credit. */
  readonly group?: string;
}

/** What a `send` resolves with. */
export type SendOutcome = Accepted | PartlyAccepted;

/** The answer to one `publish`. */
export type PublishOutcome = SendOutcome | Staged | Coalesced | Sampled | Dropped | Rejected;

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
