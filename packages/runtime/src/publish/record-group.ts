/**
 * Several records that become visible together or not at all: those of one event with two targets, or of a batch.
 * Thread: the publisher's.
 *
 * 1. `write` writes the records of an event, sets their credit aside, and notes them. 2. `commit` makes all of them visible and counts their
 * events; 3. `end` gives back what was set aside, and rolls back what was not committed.
 */
import type { EventAttributes, PriorityLevel } from '@ringmain/core';
import type { EventType } from '../events/event-type.ts';
import type { LaneRouter } from './lane-router.ts';
import { NOBODY } from './lane-router.ts';
import type { OutLane } from './out-link.ts';
import type { PublishCounters } from './publish-counters.ts';
import type { RecordWriter, SequenceMark } from './record-writer.ts';
import type { TypeCredit } from './type-credit.ts';
import type { WrittenRecord } from './written-record.ts';

/** Why an event was not written. */
export interface Refusal {
  /** Type of the event, and the hash of its key. */
  readonly type: EventType;
  readonly hash: number;
  readonly lane: OutLane;
  /** The credit that had no room; undefined when the lane had none. */
  readonly credit: TypeCredit | undefined;
  /** The lane was not tried: earlier events for the same groups wait in the stage, the partition moves, or the event waits in the stage for the rate limit. */
  readonly held?: 'staged' | 'moving' | 'rate';
  /** True when earlier events of the same batch have taken of the credit. */
  readonly isPart?: boolean;
}

/** Records that become visible together. */
export class RecordGroup {
  readonly records: WrittenRecord[] = [];

  private readonly router: LaneRouter;
  private readonly writer: RecordWriter;
  private readonly counters: PublishCounters;
  private readonly mark: SequenceMark;
  private committed = false;

  constructor(router: LaneRouter, writer: RecordWriter, counters: PublishCounters) {
    this.router = router;
    this.writer = writer;
    this.counters = counters;
    this.mark = writer.mark();
  }

  /** Writes a record for every target of an event, the partition's owner last: its commit is the one that the ledger names. */
  write(
    type: EventType,
    data: unknown,
    priority: PriorityLevel,
    hash: number,
    flags: number,
    attributes: EventAttributes | undefined,
  ): Refusal | undefined {
    return this.each(type, priority, hash, (lane) => this.writer.write(lane, type, data, priority, hash, flags, attributes));
  }

  /** The same for an event that was encoded before. */
  copy(type: EventType, priority: PriorityLevel, hash: number, body: Buffer): Refusal | undefined {
    return this.each(type, priority, hash, (lane) => this.writer.copy(lane, body));
  }

  private each(type: EventType, priority: PriorityLevel, hash: number, write: (lane: OutLane) => boolean): Refusal | undefined {
    const owner = this.router.owner(hash);
    if (this.router.isHeld(type, hash))
      return { type, hash, lane: this.router.lane(owner, priority), credit: undefined, held: 'moving' };
    this.router.noteOwn(hash);
    const main = this.router.mainTarget(type, owner);
    for (let turn = 0; turn < 2; turn++) {
      const target = turn === 0 ? main : type.hosted ? owner : NOBODY;
      if (target === NOBODY) continue;
      const lane = this.router.lane(target, priority);
      const credit = lane.link.credit(type);
      if (!credit.admit(priority)) return { type, hash, lane, credit, isPart: this.records.length > 0 };
      const { skip, takenLow, takenHigh } = credit;
      if (!write(lane)) return { type, hash, lane, credit: undefined };
      if (skip !== 0) this.writer.leaveOut(lane, skip);
      const { units } = this.writer;
      credit.reserve(units, skip);
      const counted = turn === 0 && type.hosted ? undefined : type;
      this.records.push({ lane, tail: lane.ring.sealedTail, counted, credit, units, skip, takenLow, takenHigh });
    }
    return undefined;
  }

  /** Makes everything visible. */
  commit(): void {
    this.committed = true;
    this.counters.reveal(this.records);
    for (const lane of this.lanes()) lane.ring.commit();
  }

  /** Gives back what was set aside; rolls back if nothing was committed. */
  end(): void {
    for (const { credit, units, skip } of this.records) credit.reserve(-units, skip);
    if (this.committed) return;
    for (const lane of this.lanes()) lane.ring.rollback();
    this.writer.rewind(this.mark);
  }

  /** Names of the groups that a record leaves out. */
  skipped(): string[] {
    if (this.records.every(({ skip }) => skip === 0)) return [];
    return [...new Set(this.records.flatMap(({ credit, skip }) => credit.namesOf(skip)))];
  }

  /** Lanes of the records, each once. */
  lanes(): Set<OutLane> {
    return new Set(this.records.map(({ lane }) => lane));
  }
}
