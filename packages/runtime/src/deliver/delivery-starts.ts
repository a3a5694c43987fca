/**
 * Which of the deliveries that wait in the bay begin, and when: one that has a place of its key, once every gate is open, and alone if it is a suspect.
 *
 * Thread: the consumer's. A delivery that waits behind the gates of a fallback waits at the breakers on the way there too, so that these get their probes:
 * whichever gate lets it through first; or its deadline, when that passes before.
 * Invariant: nothing begins once the thread has stopped, nor beside a suspect. What does not begin stays in the bay as it is, for later or for a successor.
 */
import type { Bay, Slot } from '@ringmain/ring';
import { SlotWord, lanePriority } from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import type { DeadLetter } from './ending.ts';
import type { Gate, Refusal, Waiter } from './gate.ts';
import type { Group } from './group.ts';
import type { SlotRecords } from './slot-records.ts';
import type { Deadline } from './waiting-deadlines.ts';
import { WaitingDeadlines } from './waiting-deadlines.ts';

/** Parts that starts work with; all of one thread. */
export interface StartParts {
  readonly context: ThreadContext;
  readonly bay: Bay;
  /** Deaths that set a delivery aside; one that was charged with all but the last runs alone. */
  readonly crashesMax: number;
  readonly records: SlotRecords;
  /** Calls the handler of a group for a delivery; returns the next of its chain if it settled at once. */
  readonly run: (slot: Slot, group: Group, target: Group) => Slot | undefined;
  /** Ends a delivery that does not wait for a gate, or no longer; returns the next of its chain. */
  readonly refuse: (slot: Slot, group: Group, refusal: Refusal | DeadLetter) => Slot | undefined;
  /** Ends a delivery in place of which a newer one waits; returns the next of its chain. */
  readonly supersede: (slot: Slot, group: Group) => Slot | undefined;
}

const EXPIRED: DeadLetter = { reason: 'expired', error: undefined };

/** Starts of one thread. */
export class DeliveryStarts {
  /** Takes what would begin; set while a delivery must run alone. */
  hold: ((slot: Slot, group: Group) => void) | undefined;
  /** Takes a delivery that has to run alone. */
  onSuspect: ((slot: Slot, group: Group) => void) | undefined;
  /** Takes a delivery whose next attempt has to wait for the end of a batch. */
  behindBatch: ((slot: Slot, group: Group) => boolean) | undefined;
  private readonly parts: StartParts;
  private readonly deadlines: WaitingDeadlines;
  private hasStopped = false;

  constructor(parts: StartParts) {
    this.parts = parts;
    this.deadlines = new WaitingDeadlines(parts.context, () => this.hold === undefined);
  }

  /** True once the thread has stopped. */
  get isStopped(): boolean {
    return this.hasStopped;
  }

  /** The thread stops: nothing begins any more, and nothing that waits ends. */
  stop(): void {
    this.hasStopped = true;
    this.deadlines.stop();
  }

  /** Starts a waiting slot that has a place of its key; goes on with its chain as long as handlers settle synchronously. */
  start(slot: Slot, hint: Group): void {
    const { bay, crashesMax, records, run, refuse, supersede } = this.parts;
    let next: Slot | undefined = slot;
    while (next !== undefined && !this.isStopped) {
      const group = this.groupOf(next, hint);
      const crashes = bay.word(next, SlotWord.crashes);
      if (crashes > 0 && crashes >= crashesMax - 1 && this.onSuspect !== undefined) return this.onSuspect(next, group);
      if (this.isOld(next, group)) {
        next = supersede(next, group);
        continue;
      }
      const target: Group = group.fallback === undefined ? group : group.targetOf(records.typeName(next));
      const gate = target.shutGate;
      const refusal: Refusal | undefined = gate?.refuse(bay.word(next, SlotWord.attempt));
      if (gate !== undefined && refusal === undefined) return this.wait(next, group, target, gate);
      next = refusal === undefined ? run(next, group, target) : refuse(next, group, refusal);
    }
  }

  /** Goes on with a chain whose first settled, or with what waited for something else. */
  goOn(next: Slot | undefined, group: Group): void {
    if (next === undefined) return;
    if (this.hold === undefined) this.start(next, group);
    else this.hold(next, group);
  }

  /** Starts a delivery whose next attempt is due; behind those of its key that are running, if its group did not wait for it. */
  readonly startDue = (slot: Slot, group: Group): void => {
    if (this.behindBatch?.(slot, group) === true) return;
    if (this.join(slot, group)) this.goOn(slot, group);
  };

  /**
   * Has a slot wait at a gate, in the place of its key.
   *
   * @param target - the group whose gate it is
   */
  wait(slot: Slot, group: Group, target: Group, gate: Gate): void {
    this.join(slot, group);
    const { bay, records } = this.parts;
    const gates = target === group ? [gate] : [...group.breakersBefore(target, records.typeName(slot)), gate];
    const deadlineUs = records.deadlineUs(slot);
    let deadline: Deadline | undefined;
    const leave = (): void => {
      for (const one of gates) one.forget(waiter);
      if (deadline !== undefined) this.deadlines.remove(deadline);
    };
    const waiter: Waiter = {
      group: group.name,
      priority: lanePriority(bay.word(slot, SlotWord.lane)),
      begin: () => {
        leave();
        this.goOn(slot, group);
      },
    };
    for (const one of gates) one.wait(waiter);
    if (deadlineUs === Infinity) return;
    const expire = (): void => {
      leave();
      this.goOn(this.parts.refuse(slot, group, EXPIRED), group);
    };
    this.deadlines.add((deadline = { deadlineUs, expire }));
  }

  /** Starts what waited at a gate, as long as it is not shut. */
  admit(gate: Gate): void {
    for (let waiter = gate.next(); waiter !== undefined; waiter = gate.next()) waiter.begin();
  }

  /** True for one of a group that wants the latest only which waited at a gate, never began, and has a newer one of its key behind it. */
  private isOld(slot: Slot, { isLatest, chains }: Group): boolean {
    if (!isLatest) return false;
    const { bay, records } = this.parts;
    return bay.word(slot, SlotWord.attempt) === 0 && records.isKeyed(slot) && chains.hasWaiting(bay.word(slot, SlotWord.keyHash));
  }

  private join(slot: Slot, group: Group): boolean {
    const { bay, records } = this.parts;
    return !records.isKeyed(slot) || group.chains.join(bay.word(slot, SlotWord.keyHash), slot);
  }

  /** The next of a chain may be an event of another subscriber of the same group. */
  private groupOf(slot: Slot, hint: Group): Group {
    return hint.sharesChains ? (this.parts.records.groupOf(slot).group ?? hint) : hint;
  }
}
