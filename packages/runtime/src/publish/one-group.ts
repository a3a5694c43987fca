/**
 * Publishes a record again for one group alone: the other groups that take its type find it is none of theirs, and count it as filtered.
 * Thread: main, whose death nobody survives, so that nothing is written down before the commit.
 *
 * The record goes where that group is: to the owner of its partition, or to the main thread. It takes that group's credit and no other's.
 */
import {
  FLAG_ONE_GROUP,
  HEADER_FLAGS_WORD,
  HEADER_SEQUENCE_HI_WORD,
  HEADER_SEQUENCE_LO_WORD,
  HEADER_SKIP_WORD,
  HEADER_TIME_HI_WORD,
  HEADER_TIME_LO_WORD,
  HEADER_TOPIC_WORD,
  timeHiOf,
  timeLoOf,
} from '@ringmain/codec';
import type { PriorityLevel } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import { MAIN_THREAD } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import { groupMark } from '../group-mark.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Bells } from './bells.ts';
import type { LaneRouter } from './lane-router.ts';
import type { PublishCounters } from './publish-counters.ts';
import type { Refusal } from './record-group.ts';
import type { RecordWriter } from './record-writer.ts';

/** A record for one group. */
export interface OneGroupRecord {
  readonly type: EventType;
  readonly priority: PriorityLevel;
  /** Hash of the partition key. */
  readonly hash: number;
  /** Name of the group. */
  readonly group: string;
  /** True when the group is a subscription of the main thread. */
  readonly isLocal: boolean;
  /** The record, at the start of its buffer; topic, sequence, time and mark are stamped here. */
  readonly body: Buffer;
}

/** Parts of a publisher that such records are written with. */
export interface OneGroupParts {
  readonly context: ThreadContext;
  readonly router: LaneRouter;
  readonly writer: RecordWriter;
  readonly counters: PublishCounters;
  readonly bells: Bells;
}

/** Records for one group, of one publisher. */
export class OneGroupRecords {
  private readonly parts: OneGroupParts;

  constructor(parts: OneGroupParts) {
    this.parts = parts;
  }

  /** Publishes a record; says what it was refused for. */
  publish(record: OneGroupRecord): Refusal | undefined {
    const { router, writer, counters, bells } = this.parts;
    const { type, priority, hash, isLocal, body } = record;
    const owner = router.owner(hash);
    const lane = router.lane(isLocal ? MAIN_THREAD : owner, priority);
    const group = isLocal ? -1 : (type.targets.find(({ name }) => name === record.group)?.group ?? -1);
    const credit = lane.link.credit(type);
    if (!credit.admitOne(group, priority)) return { type, hash, lane, credit };
    this.stamp(record);
    if (!writer.copy(lane, body)) return { type, hash, lane, credit: undefined };
    router.noteOwn(hash);
    lane.ring.commit();
    // Where no hosted group meets the record, none of them may find it among the events of its type.
    if (!type.hosted || lane.link.consumer === owner) counters.count(type);
    credit.chargeOne(group, writer.units);
    writer.advance();
    counters.keepSequence(writer.sequenceLow, writer.sequenceHigh);
    bells.committed(lane.link);
    return undefined;
  }

  private stamp({ type, group, body }: OneGroupRecord): void {
    const { context, writer } = this.parts;
    const words = new Int32Array(body.buffer, body.byteOffset, body.length >> 2);
    const nowUs = runtimeUs(context);
    words[HEADER_TOPIC_WORD] = type.id;
    words[HEADER_FLAGS_WORD] = (words[HEADER_FLAGS_WORD] as number) | FLAG_ONE_GROUP;
    words[HEADER_SEQUENCE_LO_WORD] = writer.sequenceLow;
    words[HEADER_SEQUENCE_HI_WORD] = writer.sequenceHigh;
    words[HEADER_TIME_LO_WORD] = timeLoOf(nowUs);
    words[HEADER_TIME_HI_WORD] = timeHiOf(nowUs);
    words[HEADER_SKIP_WORD] = groupMark(group);
  }
}

/** Refuses a group that a record could not name, since another one that takes the type has the same mark. */
export function checkMark(type: EventType, group: string, others: readonly string[]): void {
  const twin = others.find((name) => name !== group && groupMark(name) === groupMark(group));
  if (twin === undefined) return;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `group ${group} cannot be told from ${twin} in a record of ${type.name}`, {
    allowed: 'another name for one of them',
  });
}
