/**
 * Publishes what has several records, and keeps the gate that closes meanwhile.
 * Thread: the publisher's.
 *
 * Several records are written before any of them is committed. User code that runs in between (key functions, getters) may not publish: its
 * commit would make the first half visible.
 */
import type { PublishOutcome } from '@ringmain/core';
import { RingmainError, acceptedBy, partialTo } from '@ringmain/core';
import type { Bells } from './bells.ts';
import type { LaneRouter } from './lane-router.ts';
import type { PublishCounters } from './publish-counters.ts';
import type { Refusal } from './record-group.ts';
import { RecordGroup } from './record-group.ts';
import type { RecordWriter } from './record-writer.ts';

/** Whether a publish may begin. */
export type Gate = 'open' | 'several' | 'closed';

/** Parts of a publisher that groups of records are written with. */
export interface GatedParts {
  readonly router: LaneRouter;
  readonly writer: RecordWriter;
  readonly counters: PublishCounters;
  readonly bells: Bells;
}

/** Groups of records of one publisher. */
export class GatedRecords {
  gate: Gate = 'open';

  private readonly parts: GatedParts;

  constructor(parts: GatedParts) {
    this.parts = parts;
  }

  /**
   * Publishes a group of records: all or none.
   *
   * @param refused - gives the outcome when something was refused and everything was rolled back
   * @param write - says what was refused; or returns what counts events without a record and gives the outcome
   */
  publish(
    refused: (refusal: Refusal) => PublishOutcome,
    write: (group: RecordGroup) => Refusal | (() => PublishOutcome),
  ): PublishOutcome {
    if (this.gate !== 'open') throw this.refusal();
    const { router, writer, counters } = this.parts;
    const group = new RecordGroup(router, writer, counters);
    this.gate = 'several';
    let finish: ReturnType<typeof write>;
    try {
      finish = write(group);
      if (typeof finish === 'function') return this.commit(group, finish);
    } finally {
      this.gate = 'open';
      group.end();
    }
    return refused(finish);
  }

  /** Runs the user's code for a publish before its records are written: it may publish no more than while they are. */
  meanwhile<Result>(work: () => Result): Result {
    if (this.gate !== 'open') throw this.refusal();
    this.gate = 'several';
    try {
      return work();
    } finally {
      this.gate = 'open';
    }
  }

  /** Why nothing may be published now. */
  refusal(): RingmainError {
    if (this.gate === 'closed')
      return new RingmainError('RINGMAIN_CLOSED', 'publish after close', { allowed: 'publishing until close() is called' });
    return new RingmainError('RINGMAIN_CLAIM_OPEN', 'publish out of a payload that is being published', {
      allowed: 'key functions, getters and toJSON that do not publish',
    });
  }

  private commit(group: RecordGroup, finish: () => PublishOutcome): PublishOutcome {
    const { writer, counters, bells } = this.parts;
    counters.keepSequence(writer.sequenceLow, writer.sequenceHigh);
    group.commit();
    const outcome = finish();
    for (const lane of group.lanes()) bells.committed(lane.link);
    return outcome;
  }
}

/** Success, with the groups that were left out. */
export function outcomeOf(targets: number, skipped: readonly string[]): PublishOutcome {
  return skipped.length === 0 ? acceptedBy(targets) : partialTo(targets, skipped);
}
