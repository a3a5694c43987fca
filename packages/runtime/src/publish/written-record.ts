/** A record that was written and is not visible yet. */
import type { EventType } from '../events/event-type.ts';
import type { OutLane } from './out-link.ts';
import type { TypeCredit } from './type-credit.ts';

/** One record, ready to be shown. */
export interface WrittenRecord {
  readonly lane: OutLane;
  /** Tail of the lane behind the record. */
  readonly tail: number;
  /** The type to count with this record; undefined for the first of two records of an event. */
  readonly counted: EventType | undefined;
  readonly credit: TypeCredit;
  readonly units: number;
  readonly skip: number;
  readonly takenLow: number;
  readonly takenHigh: number;
}
