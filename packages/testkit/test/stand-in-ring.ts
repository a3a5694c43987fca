/**
 * A small ring with a doorbell and recovery words, of the kind the project ships, to measure and to test the explorer itself.
 *
 * Each record is an id and its square. The consumer takes each in two steps, like a handler with a ledger: `step` says that the record at
 * `progress` was begun, the delivery is noted, `progress` moves on. A record may be delivered twice only if a death came in between.
 */
import type { FinalState, KillPlan, Scenario, SimulatedMemory, ThreadBody } from '@ringmain/testkit';

/** Words of the ring. */
export interface StandIn {
  readonly memory: SimulatedMemory;
  readonly tail: Int32Array;
  readonly head: Int32Array;
  readonly bell: Int32Array;
  /** Progress and step of the consumer: plain words with one owner. */
  readonly ledger: Int32Array;
  readonly data: Int32Array;
}

/** Places where the stand-in can be made wrong. */
export type StandInFault =
  | 'bell before commit'
  | 'commit before data'
  | 'wake-up not redone'
  | 'progress before delivery'
  | 'no successor';

/** What the ring is to be like. */
export interface StandInShape {
  readonly events: number;
  /** Records that fit. */
  readonly capacity: number;
  /** How the consumer waits for records: polling, or asleep at a bell. */
  readonly wait: 'spin' | 'bell';
  readonly kills?: KillPlan;
  readonly fault?: StandInFault;
}

const RECORD_WORDS = 2;

/** A producer and a consumer of a few events. */
export function standInScenario(shape: StandInShape): Scenario<StandIn> {
  const produce = producerBody(shape);
  const consume = consumerBody(shape);
  return {
    name: `stand-in ring: ${shape.events} events`,
    setup: (memory) => ({
      memory,
      tail: memory.words(1, 'tail'),
      head: memory.words(1, 'head'),
      bell: memory.words(1, 'bell'),
      ledger: memory.words(2, 'ledger'),
      data: memory.words(shape.capacity * RECORD_WORDS, 'data'),
    }),
    threads: [
      { name: 'producer', run: produce, successor: produce },
      { name: 'consumer', run: consume, ...(shape.fault === 'no successor' ? {} : { successor: consume }) },
    ],
    ...(shape.kills === undefined ? {} : { kills: shape.kills }),
    check: (final) => checkDelivered(shape.events, final),
  };
}

function producerBody({ events, capacity, wait, fault }: StandInShape): ThreadBody<StandIn> {
  return ({ memory: { atomics }, tail, head, bell, data }, thread) => {
    let headSeen = atomics.load(head, 0);
    const first = atomics.load(tail, 0);
    if (thread.generation > 0) recover();
    for (let id = first; id < events; id++) {
      while (id - headSeen === capacity) headSeen = thread.spin(head, 0, headSeen);
      if (fault === 'bell before commit') wake();
      if (fault === 'commit before data') atomics.store(tail, 0, id + 1);
      const at = (id % capacity) * RECORD_WORDS;
      data[at] = id;
      data[at + 1] = id * id;
      if (fault !== 'commit before data') atomics.store(tail, 0, id + 1);
      if (fault !== 'bell before commit') wake();
    }

    function wake(): void {
      if (wait === 'spin') return;
      if (atomics.load(bell, 0) === 1 && atomics.exchange(bell, 0, 0) === 1) atomics.notify(bell, 0, 1);
    }

    /** The predecessor may have taken the bell down and died before it notified. */
    function recover(): void {
      if (wait === 'spin' || fault === 'wake-up not redone') return wake();
      atomics.store(bell, 0, 0);
      atomics.notify(bell, 0, 1);
    }
  };
}

function consumerBody({ events, capacity, wait, fault }: StandInShape): ThreadBody<StandIn> {
  return ({ memory: { atomics }, tail, head, bell, ledger, data }, thread) => {
    let position = ledger[0] as number;
    atomics.store(head, 0, position);
    while (position < events) {
      const limit = wait === 'spin' ? thread.spin(tail, 0, position) : sleepUntilBehind();
      while (position < limit) take();
      atomics.store(head, 0, position);
    }

    function sleepUntilBehind(): number {
      for (;;) {
        const limit = atomics.load(tail, 0);
        if (limit !== position) return limit;
        atomics.store(bell, 0, 1);
        if (atomics.load(tail, 0) === position) atomics.wait(bell, 0, 1);
        else atomics.store(bell, 0, 0);
      }
    }

    function take(): void {
      const at = (position % capacity) * RECORD_WORDS;
      ledger[1] = position;
      if (fault === 'progress before delivery') ledger[0] = position + 1;
      const id = data[at] as number;
      if (data[at + 1] !== id * id) throw new Error(`record ${id} is torn`);
      thread.note('took', id);
      position++;
      if (fault !== 'progress before delivery') ledger[0] = position;
    }
  };
}

function checkDelivered(events: number, final: FinalState<StandIn>): void {
  const taken = final.noted('took') as number[];
  const deaths = Object.values(final.deaths).reduce((sum, count) => sum + count, 0);
  const unique = [...new Set(taken)];
  if (unique.join() !== Array.from({ length: events }, (_, id) => id).join())
    throw new Error(`took ${taken.join()} after ${deaths} deaths`);
  if (taken.length - unique.length > deaths) throw new Error(`took ${taken.join()} after ${deaths} deaths: too many repeats`);
}
