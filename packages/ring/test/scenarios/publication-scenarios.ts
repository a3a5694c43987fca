/**
 * Scenarios of a producer that dies while it publishes: the shipped publication ledger over two lanes, in the order of operations of
 * `packages/runtime/src/publish`. A successor knows how far its predecessor came from the counter alone.
 */
import { DRAINED, readCell, systemAtomics } from '@ringmain/ring';
import type { FinalState, KillPlan, Scenario, SimulatedMemory, ThreadBody } from '@ringmain/testkit';
import { must } from '../delivery-rules.ts';
import type { RingModule } from '../mirror-consumer.ts';
import type { SimulatedRing } from './simulated-ring.ts';
import { putBody } from './simulated-ring.ts';

/** Words of the producer and of its lanes; `data` of all lanes is simulated, their positions stand in `control`. */
export interface Publications {
  readonly memory: SimulatedMemory;
  readonly control: Int32Array;
  readonly lanes: readonly SimulatedRing[];
}

/** Shape of a publication scenario. */
export interface PublicationPlan {
  readonly name: string;
  /** Lane of each event; an unrouted one has none and is counted at once, without the ledger. */
  readonly events: readonly { readonly lane: 0 | 1; readonly unrouted?: boolean }[];
  readonly kills: KillPlan;
  /** Where the counter starts. */
  readonly counter: number;
  readonly position: number;
}

const PRODUCER = 0;
const LINK = 160;
const PUBLISHED = 168;
const UNROUTED = 170;
/** Credit used with group 0; groups 0 and 33 take every event. */
const CREDIT = 172;
const GROUPS = [0, 33];
const UNITS = 3;
const WORDS = CREDIT + 34;
const BODY_BYTES = 8;

/** A producer that is replaced whenever it dies. */
export function publicationScenario(ring: RingModule, plan: PublicationPlan): Scenario<Publications> {
  const body = producerBody(ring, plan);
  return {
    name: `publications: ${plan.name}`,
    setup: (memory) => {
      const control = memory.words(WORDS, 'control');
      control[PUBLISHED] = plan.counter | 0;
      for (const word of [0, 1, 2, 3, 4, 5]) control[LINK + word] = plan.position;
      const lanes = [0, 3].map((at) => ({
        memory,
        control,
        tailIndex: LINK + at,
        headIndex: LINK + at + 1,
        progressIndex: LINK + at + 2,
        data: memory.words(32, `data ${at}`),
      }));
      return { memory, control, lanes };
    },
    threads: [{ name: 'producer', run: body, successor: body }],
    kills: plan.kills,
    check: (final) => check(ring, plan, final),
  };
}

function producerBody(ring: RingModule, plan: PublicationPlan): ThreadBody<Publications> {
  return ({ memory, control, lanes }) => {
    const { atomics } = memory;
    const ledger = new ring.PublicationLedger(control, PRODUCER, control);
    let { low, high } = ledger.resume(atomics);
    const producers = lanes.map((lane) => new ring.RingProducer(atomics, lane));
    let next = readCell(control, PUBLISHED) - plan.counter;
    for (; next < plan.events.length; next++) {
      const event = plan.events[next];
      const lane = lanes[event?.lane ?? 0];
      const producer = producers[event?.lane ?? 0];
      if (lane === undefined || producer === undefined) throw new Error('no lane');
      if (event?.unrouted === true) {
        // Counted at once and without the ledger, as an event is that nobody listens to.
        ring.addToCell(control, PUBLISHED, 1);
        continue;
      }
      must(putBody(producer, lane.data, next, low, BODY_BYTES), 'the lane is too small for the scenario');
      ledger.intend(PUBLISHED, lane.tailIndex, producer.sealedTail, CREDIT, UNITS, 1, 1 << 1);
      producer.commit();
      ledger.confirm();
      low = (low + 1) | 0;
      if (low === 0) high = (high + 1) | 0;
      ledger.setSequence(low, high);
    }
  };
}

function check(ring: RingModule, plan: PublicationPlan, final: FinalState<Publications>): void {
  const { control, lanes } = final.shared;
  const sequences: number[] = [];
  for (const [number, lane] of lanes.entries()) {
    const words = { ...lane, control: copyOf(control, UNROUTED + 2), data: copyOf(lane.data, 32) };
    const consumer = new ring.RingConsumer(systemAtomics, words);
    consumer.refresh();
    const found: number[] = [];
    for (let index = consumer.next(); index !== DRAINED; index = consumer.next()) {
      found.push(words.data[index + 2] ?? -1);
      sequences.push(words.data[index + 3] ?? -1);
      consumer.advance(index);
    }
    const expected = [...plan.events.keys()].filter(
      (id) => plan.events[id]?.lane === number && plan.events[id]?.unrouted !== true,
    );
    must(found.join() === expected.join(), `lane ${number} holds ${found.join()}, expected ${expected.join()}`);
  }
  const units = UNITS * plan.events.filter(({ unrouted }) => unrouted !== true).length;
  for (const group of GROUPS)
    must(control[CREDIT + group] === units, `group ${group} was charged ${control[CREDIT + group]} units`);
  must(new Set(sequences).size === sequences.length, `sequence numbers repeat: ${sequences.join()}`);
}

function copyOf(words: Int32Array, length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => words[index] ?? 0);
}
