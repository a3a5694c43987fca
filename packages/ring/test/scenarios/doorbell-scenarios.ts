/**
 * Scenarios of parking and ringing, in both directions: a consumer that sleeps until there are records, a producer that sleeps until there
 * is room. The order of operations is that of `ThreadLoop`, `Publisher`, `RoomWatch` and `InLink` in `packages/runtime/src`.
 * A thread that sleeps for ever is a lost wake-up, which the explorer reports by itself.
 */
import { DRAINED, unitsFor } from '@ringmain/ring';
import type { Doorbell, RingConsumer, RingProducer } from '@ringmain/ring';
import type { FinalState, KillPlan, Scenario, SimulatedMemory, ThreadBody, ThreadContext } from '@ringmain/testkit';
import type { RingModule } from '../mirror-consumer.ts';
import type { SimulatedRing } from './simulated-ring.ts';
import { mustEqual, putBody, readBody, simulatedRing } from './simulated-ring.ts';

/** Words of threads and links. */
export interface Bells {
  readonly memory: SimulatedMemory;
  /** Word 0: the consumer's bell; word 1 + p: the bell of producer p. */
  readonly bells: Int32Array;
  /** One word per producer: it wants room. */
  readonly roomWanted: Int32Array;
  /** One ring per producer. */
  readonly rings: readonly SimulatedRing[];
}

/** Shape of a doorbell scenario. */
export interface DoorbellPlan {
  readonly name: string;
  readonly producers: number;
  readonly eventsEach: number;
  readonly position: number;
  readonly capacityBytes: number;
  /** Records that one commit publishes. */
  readonly batch?: number;
  /** True to keep the records out of the exploration: all are alike then, and only positions count. They must be even. */
  readonly quietData?: boolean;
  readonly wait: 'async' | 'blocking';
  readonly kills?: KillPlan;
}

const BODY_BYTES = 4;

/** What a mutated order of operations would be; the shipped order is `undefined`. */
export type OrderFault =
  | 'look before arming'
  | 'no look after arming'
  | 'ring before commit'
  | 'wish after look'
  | 'no wish'
  | 'ring by wish before release'
  | 'successor rouses nobody'
  | 'successor rings';

/** Producers and one consumer that sleep and wake each other. */
export function doorbellScenario(ring: RingModule, plan: DoorbellPlan, fault?: OrderFault): Scenario<Bells> {
  const producers = Array.from({ length: plan.producers }, (_, producer) => producer);
  return {
    name: `doorbell: ${plan.name}${fault === undefined ? '' : ` (${fault})`}`,
    setup: (memory) => {
      const bells = memory.words(1 + plan.producers, 'bell');
      const roomWanted = memory.words(plan.producers, 'roomWanted');
      return {
        memory,
        bells,
        roomWanted,
        rings: producers.map((one) => simulatedRing(memory, plan.capacityBytes, plan.position, `${one}:`, plan.quietData)),
      };
    },
    threads: [
      ...producers.map((one) => {
        const body = producerBody(ring, plan, one, fault);
        return { name: `producer ${one}`, run: body, successor: body };
      }),
      { name: 'consumer', run: consumerBody(ring, plan, fault), successor: consumerBody(ring, plan, fault) },
    ],
    ...(plan.kills === undefined ? {} : { kills: plan.kills }),
    ...(plan.quietData === true ? {} : { check: (final: FinalState<Bells>) => checkDelivered(plan, final) }),
  };
}

function checkDelivered(plan: DoorbellPlan, final: FinalState<Bells>): void {
  for (let producer = 0; producer < plan.producers; producer++) {
    const taken = final.notes.filter(({ label }) => label === `took ${producer}`).map(({ value }) => value as number);
    const repeats = taken.filter((id, index) => taken.indexOf(id) < index).length;
    const deaths = Object.values(final.deaths).reduce((sum, count) => sum + count, 0);
    if (repeats > deaths) throw new Error(`${repeats} repeats after ${deaths} deaths`);
    const expected = Array.from({ length: plan.eventsEach }, (_, id) => id);
    // A record may be taken again by a successor, but never out of order.
    mustEqual([...new Set(taken)], expected, `records of producer ${producer}`);
    if (taken.some((id, index) => index > 0 && id < (taken[index - 1] ?? 0))) throw new Error(`out of order: ${taken.join()}`);
  }
}

function producerBody(ring: RingModule, plan: DoorbellPlan, one: number, fault: OrderFault | undefined): ThreadBody<Bells> {
  return ({ memory, bells, roomWanted, rings }, thread) => {
    const words = rings[one];
    if (words === undefined) throw new Error(`no ring ${one}`);
    const producer = new ring.RingProducer(memory.atomics, words);
    const own = new ring.Doorbell(memory.atomics, bells, 1 + one);
    const consumer = new ring.Doorbell(memory.atomics, bells, 0);
    if (thread.generation > 0) takeOver(memory, bells, 1 + one, [consumer], fault);
    let next = committedBy(producer, plan);
    const wish = (wanted: number): void => {
      if (fault !== 'no wish') memory.atomics.store(roomWanted, one, wanted);
    };
    while (next < plan.eventsEach) {
      let sealed = 0;
      const batch = Math.min(plan.batch ?? 1, plan.eventsEach - next);
      while (sealed < batch && putBody(producer, words.data, plan.quietData === true ? 0 : next + sealed, 0, BODY_BYTES))
        sealed++;
      if (sealed > 0) {
        if (fault === 'ring before commit') consumer.ring();
        producer.commit();
        if (fault !== 'ring before commit') consumer.ring();
        next += sealed;
        continue;
      }
      sleepForRoom(producer, own, wish, thread, plan, fault);
    }
  };
}

/** A publish was refused: wish, then arm, look once more, sleep. */
function sleepForRoom(
  producer: RingProducer,
  own: Doorbell,
  wish: (wanted: number) => void,
  thread: ThreadContext,
  plan: DoorbellPlan,
  fault: OrderFault | undefined,
): void {
  if (fault !== 'wish after look') wish(1);
  for (;;) {
    if (fault === 'look before arming' && producer.hasRoomAgain()) break;
    own.arm();
    if (fault !== 'look before arming' && fault !== 'no look after arming' && producer.hasRoomAgain()) {
      own.disarm();
      break;
    }
    if (fault === 'wish after look') wish(1);
    sleep(own, thread, plan);
    if (producer.hasRoomAgain()) break;
  }
  wish(0);
}

function consumerBody(ring: RingModule, plan: DoorbellPlan, fault: OrderFault | undefined): ThreadBody<Bells> {
  return ({ memory, bells, roomWanted, rings }, thread) => {
    const own = new ring.Doorbell(memory.atomics, bells, 0);
    const lanes = rings.map((words, producer) => ({
      producer,
      consumer: new ring.RingConsumer(memory.atomics, words),
      bell: new ring.Doorbell(memory.atomics, bells, 1 + producer),
    }));
    if (thread.generation > 0)
      takeOver(
        memory,
        bells,
        0,
        lanes.map(({ bell }) => bell),
        fault,
      );
    const sizes = Array<number>(plan.eventsEach).fill(BODY_BYTES);
    const isDone = (): boolean => lanes.every(({ consumer, producer }) => consumer.position === endOf(rings[producer], plan));
    while (!isDone()) {
      let taken = 0;
      for (const { consumer, producer, bell } of lanes) {
        const freed = (): void => {
          if (consumer.backlogBytes * 2 > consumer.capacityBytes) return;
          if (memory.atomics.load(roomWanted, producer) !== 0) bell.ring();
        };
        const count = drain(consumer, (index) => {
          const id = readBody(consumer.data, index, sizes);
          if (plan.quietData !== true) thread.note(`took ${producer}`, id);
        });
        taken += count;
        if (fault === 'ring by wish before release') {
          if (count > 0) freed();
          consumer.release();
        } else if (consumer.release()) freed();
      }
      if (taken > 0) continue;
      parkConsumer(
        own,
        lanes.map(({ consumer }) => consumer),
        thread,
        plan,
        fault,
      );
    }
  };
}

/** Nothing found: arm, look once more, sleep. */
function parkConsumer(
  own: Doorbell,
  consumers: readonly RingConsumer[],
  thread: ThreadContext,
  plan: DoorbellPlan,
  fault: OrderFault | undefined,
): void {
  if (fault === 'look before arming' && consumers.some((consumer) => consumer.refresh())) return;
  own.arm();
  if (fault !== 'look before arming' && fault !== 'no look after arming' && consumers.some((consumer) => consumer.refresh()))
    return own.disarm();
  sleep(own, thread, plan);
}

function drain(consumer: RingConsumer, take: (index: number) => void): number {
  if (!consumer.refresh()) return 0;
  let count = 0;
  for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) {
    take(index);
    consumer.advance(index);
    count++;
  }
  return count;
}

function sleep(own: Doorbell, thread: ThreadContext, plan: DoorbellPlan): void {
  if (plan.wait === 'blocking') own.wait();
  else thread.await(own.waitAsync());
}

/** What the supervisor and the successor do about bells: the dead thread's is taken down, everyone it may have left asleep is woken. */
function takeOver(
  memory: SimulatedMemory,
  bells: Int32Array,
  index: number,
  others: readonly Doorbell[],
  fault: OrderFault | undefined,
): void {
  memory.atomics.store(bells, index, 0);
  for (const other of others) {
    if (fault === 'successor rings') other.ring();
    else if (fault !== 'successor rouses nobody') other.rouse();
  }
}

/** Records up to a position, all of one size, with padding where one would wrap. */
function recordsUpTo(
  plan: DoorbellPlan,
  isReached: (position: number) => boolean,
): { readonly count: number; readonly position: number } {
  const units = unitsFor(BODY_BYTES);
  const capacity = plan.capacityBytes / 8;
  let position = plan.position;
  let count = 0;
  while (count < plan.eventsEach && !isReached(position)) {
    const offset = position & (capacity - 1);
    position = (position + (offset + units > capacity ? capacity - offset : 0) + units) | 0;
    count++;
  }
  return { count, position };
}

/** Number of records before the committed tail. */
function committedBy(producer: RingProducer, plan: DoorbellPlan): number {
  return recordsUpTo(plan, (position) => position === producer.sealedTail).count;
}

/** Position behind the last record. */
function endOf(_ring: SimulatedRing | undefined, plan: DoorbellPlan): number {
  return recordsUpTo(plan, () => false).position;
}
