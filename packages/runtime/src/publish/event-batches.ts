/**
 * Batches: all of their events or none, in order, with one commit per lane and one wake per thread. They are never staged.
 * Thread: the publisher's.
 */
import type { PriorityLevel, PublishOutcome } from '@ringmain/core';
import { RingmainError, priorityLevel } from '@ringmain/core';
import { ThreadCell } from '@ringmain/ring';
import type { EventType } from '../events/event-type.ts';
import { attributesOf } from './attributes.ts';
import type { GatedParts, GatedRecords } from './gated-records.ts';
import { outcomeOf } from './gated-records.ts';
import type { BatchEntry } from './options.ts';
import type { OutLane } from './out-link.ts';
import type { Admission } from './overflow/admission.ts';
import type { Overflow } from './overflow/overflow.ts';
import { keyFlag } from './publish-key.ts';
import type { RecordGroup, Refusal } from './record-group.ts';

/** Parts of a publisher that batches are published with. */
export interface BatchParts extends GatedParts {
  readonly records: GatedRecords;
  readonly admission: Admission;
  readonly overflow: Overflow;
  readonly typeOf: (name: string) => EventType;
}

/** Batches of one publisher. */
export class EventBatches {
  private readonly parts: BatchParts;

  constructor(parts: BatchParts) {
    this.parts = parts;
  }

  /** Publishes; see `Publisher.publishBatch`. */
  publish(entries: readonly BatchEntry[]): PublishOutcome {
    const { records, admission, overflow, counters } = this.parts;
    if (entries.length > admission.burst) {
      throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `a batch of ${entries.length} events exceeds the rate limit's burst`, {
        allowed: `at most ${admission.burst} events (publishRate.burst)`,
        details: { entries: entries.length, burst: admission.burst },
      });
    }
    const barrier = admission.active ? this.barrier(entries) : undefined;
    if (barrier !== undefined) return barrier;
    return records.publish(
      (refusal) => overflow.rejected(refusal),
      (group) => {
        const unrouted: EventType[] = [];
        for (const entry of entries) {
          const refusal = this.write(group, entry, entries.length, unrouted);
          if (refusal !== undefined) return refusal;
        }
        return () => {
          for (const type of unrouted) counters.count(type);
          counters.add(ThreadCell.unrouted, unrouted.length);
          counters.add(ThreadCell.batches, 1);
          return outcomeOf(Math.min(1, group.records.length), group.skipped());
        };
      },
    );
  }

  private write(group: RecordGroup, entry: BatchEntry, entries: number, unrouted: EventType[]): Refusal | undefined {
    const { router, writer, overflow } = this.parts;
    const { type, priority } = this.resolve(entry);
    const hash = router.hashWith(type, entry.data, entry);
    if (overflow.holdsBack(type, hash, priority))
      return { lane: router.lane(router.owner(hash), priority), credit: undefined, held: true };
    const before = group.records.length;
    const refusal = group.write(type, entry.data, priority, hash, keyFlag(type, entry), attributesOf(entry));
    if (refusal !== undefined) {
      const { ring } = refusal.lane;
      // What already takes half a lane is not sure to fit even when the lane is empty.
      if (ring.uncommittedBytes * 2 > ring.capacityBytes) throw batchTooLarge(entries, refusal.lane);
      return refusal;
    }
    if (group.records.length === before) unrouted.push(type);
    writer.advance();
    return undefined;
  }

  /** Asks for a whole batch: the least admitted of its priorities decides. */
  private barrier(entries: readonly BatchEntry[]): PublishOutcome | undefined {
    const { admission, overflow } = this.parts;
    let last: { readonly type: EventType; readonly priority: PriorityLevel } | undefined;
    for (const entry of entries) {
      const one = this.resolve(entry);
      if (last === undefined || one.priority > last.priority) last = one;
    }
    if (last === undefined) return undefined;
    const barrier = admission.barrier(last.priority, entries.length);
    // A batch is never sampled: it stays whole.
    if (barrier === undefined || barrier === 'sample') return undefined;
    return overflow.barred(last.type, 0, last.priority, barrier, admission.retryAfterMs);
  }

  private resolve(entry: BatchEntry): { readonly type: EventType; readonly priority: PriorityLevel } {
    const type = this.parts.typeOf(entry.type);
    return { type, priority: entry.priority === undefined ? type.priority : priorityLevel(entry.priority) };
  }
}

function batchTooLarge(entries: number, lane: OutLane): RingmainError {
  const { capacityBytes } = lane.ring;
  return new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `a batch of ${entries} events takes more than half of a lane`, {
    allowed: `batches of at most ${capacityBytes / 2} bytes per lane`,
    details: { entries, capacityBytes },
  });
}
