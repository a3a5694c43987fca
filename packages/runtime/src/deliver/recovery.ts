/**
 * Takes over the deliveries of a dead predecessor, before anything new is drained.
 *
 * Thread: the successor's, started after the predecessor's exit; the supervisor has charged the death.
 * 1. The bay: settled slots are finished, live ones wait again, oldest first. A delivery in flight at too many deaths is set aside;
 *    one whose letter may have left is ended, before all others; one that comes close is a suspect and runs alone, so that the next death convicts nobody else.
 * 2. The record that was being delivered goes on at its step; a step whose delivery reached the bay counts as done.
 * 3. Then everything waiting in the bay starts, in order, and the thread drains as usual; what waits for its next attempt waits on.
 * Source: rules 1, 3 and 4 that model checking exposed: notify both sides again, charge deaths from outside, start after the exit.
 */
import type { Bay, DeliveryLedger, Resumption, Slot } from '@ringmain/ring';
import { DRAINED, SlotWord } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Group } from './group.ts';
import type { InLane } from './in-link.ts';
import type { Inbox } from './inbox.ts';
import type { ParkedDeliveries } from './parked-deliveries.ts';
import type { Retries } from './retries.ts';

/** Parts that a recovery works with; all of one thread. */
export interface RecoveryParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  readonly ledger: DeliveryLedger;
  readonly inbox: Inbox;
  readonly parked: ParkedDeliveries;
  readonly retries: Retries;
}

interface Held {
  readonly slot: Slot;
  readonly group: Group;
}

/** Recovery of one thread; `done` once it has nothing left to do. */
export class Recovery {
  private readonly context: ThreadContext;
  private readonly bay: Bay;
  private readonly ledger: DeliveryLedger;
  private readonly inbox: Inbox;
  private readonly parked: ParkedDeliveries;
  private readonly retries: Retries;
  private suspects: Held[] = [];
  private held: Held[] = [];
  private resumption: Resumption | undefined;
  private solo: Slot | undefined;
  private finished = false;

  constructor({ context, bay, ledger, inbox, parked, retries }: RecoveryParts) {
    this.context = context;
    this.bay = bay;
    this.ledger = ledger;
    this.inbox = inbox;
    this.parked = parked;
    this.retries = retries;
    inbox.refresh();
    const progressOf = (lane: number): number => inbox.lane(lane)?.ring.position ?? Number.NaN;
    this.resumption = ledger.resume(progressOf);
    const live = bay.recover(context.control);
    // Before any slot settles: a parked step must be recognised as done even if it settles before the record goes on.
    this.skipParkedStep();
    // One that had ended goes first; there is at most one, and it ran, so it is the first of its key.
    for (const slot of live) if (parked.endedBy(slot) !== undefined) this.take(slot);
    for (const slot of live) if (parked.endedBy(slot) === undefined) this.take(slot);
    // What follows a suspect in its chain must not run beside the next suspect.
    parked.holdNext = (slot, group) => this.held.push({ slot, group });
    ledger.setSolo(-1);
    inbox.rouseProducers();
  }

  /**
   * Goes on as far as possible.
   *
   * @returns true once the thread may drain as usual
   */
  advance(dispatcher: Dispatcher): boolean {
    if (this.finished) return true;
    if (!this.runSuspects()) return false;
    if (!this.resume(dispatcher)) return false;
    const { held } = this;
    this.held = [];
    this.parked.holdNext = undefined;
    this.finished = true;
    for (const { slot, group } of held) this.parked.start(slot, group);
    return true;
  }

  private take(slot: Slot): void {
    const { group, groups } = this.parked.records.groupOf(slot);
    if (group === undefined)
      throw new Error(`the bay holds a delivery for step ${this.bay.word(slot, SlotWord.step)}, which no group has`);
    const crashes = this.bay.word(slot, SlotWord.crashes);
    group.open++;
    // One that waits for its next attempt stands in a chain only if its group has later events of the key wait.
    const ended = this.parked.endedBy(slot);
    const isApart = ended === undefined && this.bay.isPostponed(slot) && group.retry.ordering === 'continue';
    // The others of a key follow as those with a place settle.
    if (this.parked.records.isKeyed(slot) && !isApart && !this.parked.queue(slot, group)) return;
    if (ended !== undefined) return this.hold(this.parked.endAgain(slot, group, groups, ended), group);
    const { crashesMax } = this.context.seed.config.restart;
    if (crashes >= crashesMax) return this.hold(this.parked.setAside(slot, group, groups), group);
    if (crashes > 0 && crashes >= crashesMax - 1) this.suspects.push({ slot, group });
    else if (this.bay.isPostponed(slot)) this.retries.schedule(slot, group);
    else this.held.push({ slot, group });
  }

  private hold(slot: Slot | undefined, group: Group): void {
    if (slot !== undefined) this.held.push({ slot, group });
  }

  private runSuspects(): boolean {
    for (;;) {
      if (this.solo !== undefined) {
        if (this.bay.isLive(this.solo) && !this.bay.isPostponed(this.solo)) return false;
        this.ledger.setSolo(-1);
        this.solo = undefined;
      }
      const suspect = this.suspects.shift();
      if (suspect === undefined) return true;
      this.solo = suspect.slot;
      this.ledger.setSolo(suspect.slot);
      this.hold(this.parked.startAlone(suspect.slot, suspect.group), suspect.group);
    }
  }

  /** Death came between the slot's state and the ledger's step: the bay owns the delivery, so its step is done. */
  private skipParkedStep(): void {
    const { resumption } = this;
    if (resumption === undefined) return;
    const record = this.recordOf(resumption);
    if (record === undefined) return;
    const sequenceLow = record.lane.ring.data[record.index + 5] as number;
    if (!this.bay.holds(resumption.lane, resumption.position, sequenceLow, resumption.step)) return;
    this.resumption = { ...resumption, step: resumption.step + 1, crashes: 0, interrupted: false };
    // In shared memory too: should the slot settle and this thread die before the record goes on, nothing else would say so.
    this.ledger.pass(resumption.step);
  }

  private recordOf(resumption: Resumption): { readonly lane: InLane; readonly index: number } | undefined {
    const lane = this.inbox.lane(resumption.lane);
    if (lane === undefined || !lane.ring.refresh()) return undefined;
    const index = lane.ring.next();
    return index === DRAINED ? undefined : { lane, index };
  }

  private resume(dispatcher: Dispatcher): boolean {
    if (this.resumption === undefined) return true;
    const record = this.recordOf(this.resumption);
    if (record !== undefined) {
      const { lane, index } = record;
      const { step, crashes, interrupted } = this.resumption;
      if (!dispatcher.deliver(lane, index, step, crashes, crashes + (interrupted ? 1 : 0))) return false;
      lane.ring.advance(index);
      if (lane.ring.release()) lane.link.freed(lane);
    }
    this.resumption = undefined;
    return true;
  }
}
