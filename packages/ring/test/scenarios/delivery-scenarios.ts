/**
 * Scenarios of deliveries that outlive their thread: producer with publication ledger, consumer with delivery ledger, bay and counters
 * (in the runtime's order of operations, see `mirror-consumer.ts`), both of which may die at any act and are succeeded.
 */
import {
  BAY_SLOT_WORDS,
  CREDIT_BYTES,
  CreditWord,
  RoomWanted,
  SlotState,
  THREAD_BYTES,
  ThreadWord,
  readCell,
  unitsFor,
} from '@ringmain/ring';
import type { FinalState, KillPlan, Scenario, SimulatedMemory, ThreadBody, ThreadContext } from '@ringmain/testkit';
import { checkDeliveries, must } from '../delivery-rules.ts';
import type { Delivery } from '../delivery-rules.ts';
import type { MirrorFault, MirrorLane, MirrorParts, RingModule } from '../mirror-consumer.ts';
import { MirrorConsumer, superviseDeath } from '../mirror-consumer.ts';
import { putBody } from './simulated-ring.ts';

/** Words of the scenario. */
export interface Deliveries {
  readonly memory: SimulatedMemory;
  readonly control: Int32Array;
  readonly lane: MirrorLane;
  readonly slots: Int32Array;
  readonly bodies: Int32Array;
}

/** Shape of a delivery scenario. */
export interface DeliveryPlan {
  readonly name: string;
  /** Key of each event. */
  readonly keys: readonly number[];
  /** For each group: which events return a promise. */
  readonly groups: readonly ((id: number, attempt: number) => boolean)[];
  readonly kills: KillPlan;
  /** Events that are in the ring before the threads start; the producer publishes the others. */
  readonly published: number;
  readonly capacityBytes?: number;
  readonly position?: number;
  /** Where counters start; by default just below the carry into their high word. */
  readonly counters?: number;
  readonly slots?: number;
  readonly chunks?: number;
  /** Units that each group may have outstanding; a record is one. @defaultValue 100 */
  readonly share?: number;
  /**
   * When open deliveries settle: before the next record is drained, after everything, or at any time; `any` explores which one too.
   * @defaultValue 'last'
   */
  readonly settle?: 'first' | 'last' | 'either' | 'any';
}

const BODY_BYTES = 8;
const CONSUMER = 0;
const PRODUCER = THREAD_BYTES / 4;
const LINK = 2 * PRODUCER;
const ROOM_WANTED = LINK + 3;
const CELLS = LINK + 4;
const PUBLISHED = CELLS;
const CREDIT = CELLS + 2;
const GROUP_CELLS = CREDIT + CREDIT_BYTES / 4;

/** One producer and one consumer. */
export function deliveryScenario(ring: RingModule, plan: DeliveryPlan, fault?: MirrorFault): Scenario<Deliveries> {
  const consumer = consumerBody(ring, plan, fault);
  const producer = producerBody(ring, plan);
  const threads = [{ name: 'consumer', run: consumer, successor: consumer }];
  if (plan.published < plan.keys.length) threads.push({ name: 'producer', run: producer, successor: producer });
  return {
    name: `deliveries: ${plan.name}`,
    setup: (memory) => setup(ring, plan, memory),
    threads,
    kills: plan.kills,
    check: (final) => check(plan, final),
  };
}

function setup(ring: RingModule, plan: DeliveryPlan, memory: SimulatedMemory): Deliveries {
  const control = memory.words(GROUP_CELLS + plan.groups.length * 4, 'control');
  for (const [name, word] of Object.entries(ThreadWord)) {
    memory.label(control, CONSUMER + word, `consumer.${name}`);
    memory.label(control, PRODUCER + word, `producer.${name}`);
  }
  const position = plan.position ?? -3;
  for (const [index, name] of ['tail', 'head', 'progress', 'roomWanted'].entries()) {
    memory.label(control, LINK + index, name);
    if (index < 3) control[LINK + index] = position;
  }
  control[PUBLISHED] = countersOf(plan) | 0;
  for (let cell = GROUP_CELLS; cell < control.length; cell += 2) control[cell] = countersOf(plan) | 0;
  for (const [group] of plan.groups.entries()) control[CREDIT + CreditWord.published + group] = plan.published;
  const data = memory.words((plan.capacityBytes ?? 128) / 4, 'data');
  const lane = {
    control,
    tailIndex: LINK,
    headIndex: LINK + 1,
    progressIndex: LINK + 2,
    data,
    roomWanted: ROOM_WANTED,
    producerBell: PRODUCER + ThreadWord.bell,
    credit: CREDIT,
  };
  const slots = memory.words((plan.slots ?? 8) * BAY_SLOT_WORDS, 'slots');
  const bodies = memory.words((plan.chunks ?? 8) * 16, 'bodies');
  const producer = new ring.RingProducer(memory.atomics, lane);
  for (let id = 0; id < plan.published; id++) putBody(producer, data, id, plan.keys[id] ?? 0, BODY_BYTES);
  producer.commit();
  return { memory, control, lane, slots, bodies };
}

function countersOf(plan: DeliveryPlan): number {
  return plan.counters ?? 0xffff_fffe;
}

function consumerBody(ring: RingModule, plan: DeliveryPlan, fault: MirrorFault | undefined): ThreadBody<Deliveries> {
  return ({ memory, control, lane, slots, bodies }, thread) => {
    const parts: MirrorParts = {
      fault,
      ring,
      atomics: memory.atomics,
      control,
      thread: CONSUMER,
      lanes: [lane],
      slots,
      bodies,
      groups: plan.groups.map((isAsync, group) => ({
        isAsync,
        delivered: GROUP_CELLS + group * 4,
        deadLettered: GROUP_CELLS + group * 4 + 2,
      })),
      share: plan.share ?? 100,
      handle: (group, id, attempt, words, index) => {
        must(words[index + 1] === plan.keys[id], `record ${id} is torn`);
        thread.note('handled', { group, id, attempt });
      },
    };
    if (thread.generation > 0 && fault !== 'charge forgotten') superviseDeath(parts);
    const consumer = new MirrorConsumer(parts);
    const bell = new ring.Doorbell(memory.atomics, control, CONSUMER + ThreadWord.bell);
    const end = endOf(plan);
    for (;;) {
      if (settlesNow(plan, thread, consumer)) continue;
      const drained = consumer.drain(plan.settle === undefined || plan.settle === 'last' ? Number.POSITIVE_INFINITY : 1);
      if ((drained && consumer.hasWork()) || consumer.settle()) continue;
      must(drained, 'stalled with no delivery in flight: nothing will ever wake this thread');
      if (consumer.isDone([end])) return;
      bell.arm();
      if (consumer.hasWork()) bell.disarm();
      else thread.await(bell.waitAsync());
    }
  };
}

function settlesNow(plan: DeliveryPlan, thread: ThreadContext, consumer: MirrorConsumer): boolean {
  if (plan.settle === undefined || plan.settle === 'last' || consumer.running.length === 0) return false;
  if (plan.settle === 'first') return consumer.settle();
  if (plan.settle === 'either') return thread.choose(2) === 1 && consumer.settle();
  const choice = thread.choose(consumer.running.length + 1);
  return choice > 0 && consumer.settle(choice - 1);
}

function producerBody(ring: RingModule, plan: DeliveryPlan): ThreadBody<Deliveries> {
  return ({ memory, control, lane }, thread) => {
    const { atomics } = memory;
    const ledger = new ring.PublicationLedger(control, PRODUCER, control);
    let { low, high } = ledger.resume(atomics);
    const producer = new ring.RingProducer(atomics, lane);
    const own = new ring.Doorbell(atomics, control, PRODUCER + ThreadWord.bell);
    const consumer = new ring.Doorbell(atomics, control, CONSUMER + ThreadWord.bell);
    if (thread.generation > 0) {
      atomics.store(control, PRODUCER + ThreadWord.bell, 0);
      consumer.rouse();
    }
    // The counter alone says how far the predecessor came, so a publish that is counted twice or not at all shows as loss or repetition.
    let next = plan.published + readCell(control, PUBLISHED) - countersOf(plan);
    const accounts = plan.groups.map((_, group) => new ring.CreditAccount(atomics, control, CREDIT, group));
    while (next < plan.keys.length) {
      const poor = accounts.filter((account) => !account.hasRoom(0));
      if (poor.length > 0) {
        const wish = (): unknown => atomics.store(control, ROOM_WANTED, RoomWanted.credit);
        sleepUntil(() => poor.some((account) => account.hasRoomAgain()), wish, own, thread);
        atomics.store(control, ROOM_WANTED, 0);
        continue;
      }
      if (!putBody(producer, lane.data, next, plan.keys[next] ?? 0, BODY_BYTES)) {
        const wish = (): unknown => atomics.store(control, ROOM_WANTED, RoomWanted.lane);
        sleepUntil(() => producer.hasRoomAgain(), wish, own, thread);
        atomics.store(control, ROOM_WANTED, 0);
        continue;
      }
      thread.note('sequence', high * 2 ** 32 + (low >>> 0));
      const groups = (1 << plan.groups.length) - 1;
      ledger.intend(PUBLISHED, lane.tailIndex, producer.sealedTail, CREDIT + CreditWord.published, 1, groups, 0);
      producer.commit();
      ledger.confirm();
      for (const account of accounts) account.charged(1);
      low = (low + 1) | 0;
      if (low === 0) high++;
      ledger.setSequence(low, high);
      consumer.ring();
      next++;
    }
  };
}

function sleepUntil(
  hasRoom: () => boolean,
  wish: () => unknown,
  own: InstanceType<RingModule['Doorbell']>,
  thread: ThreadContext,
): void {
  wish();
  for (;;) {
    own.arm();
    if (hasRoom()) return own.disarm();
    thread.await(own.waitAsync());
    if (hasRoom()) return;
  }
}

/** Position behind the last record, with padding where one would wrap. */
function endOf(plan: DeliveryPlan): number {
  const capacity = (plan.capacityBytes ?? 128) / 8;
  const units = unitsFor(BODY_BYTES);
  let position = plan.position ?? -3;
  for (const _ of plan.keys) {
    const offset = position & (capacity - 1);
    position = (position + (offset + units > capacity ? capacity - offset : 0) + units) | 0;
  }
  return position;
}

function check(plan: DeliveryPlan, final: FinalState<Deliveries>): void {
  const { control, lane, slots } = final.shared;
  const start = countersOf(plan);
  const counted = plan.groups.map((_, group) => ({
    delivered: readCell(control, GROUP_CELLS + group * 4) - start,
    deadLettered: readCell(control, GROUP_CELLS + group * 4 + 2) - start,
  }));
  const deaths = final.deaths['consumer'] ?? 0;
  const log = final.noted('handled') as Delivery[];
  const records = plan.keys.map((key) => ({ lane: 0, key, bytes: BODY_BYTES }));
  checkDeliveries({ records, log, counted, deaths, duplicatesMax: deaths * (slots.length / BAY_SLOT_WORDS + 1) });
  const published = readCell(control, PUBLISHED) - start;
  must(published === plan.keys.length - plan.published, `${published} publishes were counted`);
  for (let base = 0; base < slots.length; base += BAY_SLOT_WORDS)
    must(slots[base] === SlotState.free, `slot at ${base} is taken`);
  must(control[lane.headIndex] === control[lane.tailIndex], 'the lane is not empty');
  for (const [group] of plan.groups.entries()) {
    const word = (which: number): number => control[CREDIT + which + group] ?? Number.NaN;
    const [charged, returned, limit] = [CreditWord.published, CreditWord.returned, CreditWord.limit].map(word);
    must(charged === plan.keys.length, `group ${group} was charged ${charged} units`);
    must(returned === plan.keys.length, `group ${group} returned ${returned} units`);
    must(limit === plan.keys.length + (plan.share ?? 100), `group ${group} may publish up to ${limit}`);
  }
}
