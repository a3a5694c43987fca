/**
 * Charges a thread's death to the deliveries that were in flight, from shared words alone. A thread that died before it took its words over ran none of
 * them: what they say is of a predecessor, whose death was charged.
 * Thread: the coordinator, after the dead thread's exit and before its successor starts.
 * Source: attempts counted by the handler's own thread would convict innocents; an in-flight word read from outside does not.
 */
import {
  DeliveryLedger,
  Doorbell,
  LinkWord,
  ThreadWord,
  bayWords,
  chargeBay,
  chargeRun,
  forgetPermits,
  lanePriority,
  laneProducer,
  linkIndex,
} from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';

/** Charges the death of a consumer thread. */
export function chargeDeath(context: ThreadContext, thread: number): void {
  const { plan, memory } = context.seed;
  const { control } = context;
  const words = (plan.threads[thread]?.words ?? 0) >> 2;
  context.atomics.store(control, words + ThreadWord.bell, 0);
  forgetPermits(context.atomics, control, (plan.threads[thread]?.permits ?? 0) >> 2);
  new Doorbell(context.atomics, control, plan.permitBell >> 2).ring();
  const generation = control[words + ThreadWord.generation] as number;
  if (control[words + ThreadWord.chargeGeneration] === generation) return;
  control[words + ThreadWord.chargeGeneration] = generation;
  const ledger = new DeliveryLedger(control, words, control);
  const progressOf = (lane: number): number =>
    control[linkIndex(plan, laneProducer(lane), thread) + LinkWord.progress + lanePriority(lane)] as number;
  const { slots } = bayWords(plan, memory, thread);
  // A synchronous handler that was running is the only suspect, out of the bay or of a lane; promises in the bay merely waited.
  if (!chargeRun(control, words, slots) && !ledger.charge(progressOf)) chargeBay(slots, ledger.solo);
}
