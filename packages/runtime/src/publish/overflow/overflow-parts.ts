/**
 * What an overflow is made of, and what it is asked about.
 * Thread: the publisher's.
 */
import type { EventAttributes, PriorityLevel } from '@ringmain/core';
import type { EventType } from '../../events/event-type.ts';
import type { ThreadContext } from '../../thread-context.ts';
import type { Bells } from '../bells.ts';
import type { LaneRouter } from '../lane-router.ts';
import type { PublishCounters } from '../publish-counters.ts';
import type { Refusal } from '../record-group.ts';
import type { RecordWriter } from '../record-writer.ts';
import type { Admission } from './admission.ts';

/** An event on its way through the slow path. */
export interface PublishRequest {
  readonly type: EventType;
  readonly data: unknown;
  readonly priority: PriorityLevel;
  readonly hash: number;
  readonly flags: number;
  readonly attributes: EventAttributes | undefined;
}

/** Parts of a publisher that its overflow works with. */
export interface OverflowParts {
  readonly context: ThreadContext;
  readonly router: LaneRouter;
  readonly writer: RecordWriter;
  readonly counters: PublishCounters;
  readonly bells: Bells;
  readonly admission: Admission;
  /** Called for a lane, or an account behind it, whose consumer shall ring when there is room. */
  readonly awaitRoom: (refusal: Refusal) => void;
  /** Called whenever an event entered the stage or left it. */
  readonly changed: () => void;
}
