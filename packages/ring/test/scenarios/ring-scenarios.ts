/**
 * Scenarios of the bare ring: a producer and a consumer that poll each other's position.
 * They find what the ring alone must guarantee: records whole, in order, each once, and no room given away too early.
 */
import { DRAINED } from '@ringmain/ring';
import type { Scenario } from '@ringmain/testkit';
import type { RingModule } from '../mirror-consumer.ts';
import type { SimulatedRing } from './simulated-ring.ts';
import { mustEqual, putBody, readBody, simulatedRing, spinForRecord, spinForRoom } from './simulated-ring.ts';

/** Shape of a ring scenario. */
export interface RingPlan {
  readonly name: string;
  readonly capacityBytes: number;
  readonly position: number;
  /** Body sizes of the batches, which are committed one by one. */
  readonly batches: readonly (readonly number[])[];
  /** Records the consumer takes before it gives room back. */
  readonly takeMax: number;
}

/** Four events each, over the padding at the wrap, through a ring that they overfill. */
export const RING_PLANS: readonly RingPlan[] = [
  { name: 'full ring over 2^31', capacityBytes: 64, position: 0x7fff_fffd, batches: [[8], [8], [8], [8]], takeMax: 1 },
  { name: 'mixed sizes over 2^32', capacityBytes: 64, position: -2, batches: [[8], [24], [8], [16]], takeMax: 2 },
  {
    name: 'batches with padding inside',
    capacityBytes: 64,
    position: 5,
    batches: [
      [8, 8],
      [8, 16],
    ],
    takeMax: 4,
  },
  {
    name: 'largest records, long padding',
    capacityBytes: 64,
    position: 0x7fff_fffd,
    batches: [[24], [24], [8], [24]],
    takeMax: 1,
  },
  { name: 'padding without room', capacityBytes: 64, position: -7, batches: [[24], [24], [24], [8]], takeMax: 1 },
];

/** A producer and a consumer of one ring. */
export function ringScenario({ RingProducer, RingConsumer }: RingModule, plan: RingPlan): Scenario<SimulatedRing> {
  const sizes = plan.batches.flat();
  return {
    name: `ring: ${plan.name}`,
    setup: (memory) => simulatedRing(memory, plan.capacityBytes, plan.position),
    threads: [
      {
        name: 'producer',
        run: (ring, thread) => {
          const producer = new RingProducer(ring.memory.atomics, ring);
          let id = 0;
          for (const batch of plan.batches) {
            const first = id;
            spinForRoom(ring, thread, () => {
              id = first;
              for (const bytes of batch) {
                if (!putBody(producer, ring.data, id, 0, bytes)) {
                  producer.rollback();
                  return false;
                }
                id++;
              }
              return true;
            });
            producer.commit();
          }
        },
      },
      {
        name: 'consumer',
        run: (ring, thread) => {
          const consumer = new RingConsumer(ring.memory.atomics, ring);
          const taken: number[] = [];
          while (taken.length < sizes.length) {
            spinForRecord(ring, thread, consumer);
            for (let count = 0; count < plan.takeMax; count++) {
              const index = consumer.next();
              if (index === DRAINED) break;
              taken.push(readBody(consumer.data, index, sizes));
              consumer.advance(index);
            }
            consumer.release();
          }
          return taken;
        },
      },
    ],
    check: ({ shared, results }) => {
      mustEqual(results['consumer'] as number[], [...sizes.keys()], 'taken');
      if (shared.control[shared.headIndex] !== shared.control[shared.tailIndex]) throw new Error('the ring is not empty');
    },
  };
}
