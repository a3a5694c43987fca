/**
 * Scenarios of credit alone: a producer that sleeps until a group has credit again, a consumer that returns it, in the order of operations
 * of `RoomWatch` and `InLink` in `packages/runtime/src`. Records are only counted, one unit each.
 */
import { CREDIT_BYTES, CreditWord, RoomWanted } from '@ringmain/ring';
import type { FinalState, KillPlan, Scenario, SimulatedMemory, ThreadBody } from '@ringmain/testkit';
import { must } from '../delivery-rules.ts';
import type { RingModule } from '../mirror-consumer.ts';

/** Words of the scenario. */
export interface Credits {
  readonly memory: SimulatedMemory;
  readonly control: Int32Array;
}

/** Shape of a credit scenario. */
export interface CreditPlan {
  readonly name: string;
  readonly records: number;
  /** Units that the group may have outstanding. */
  readonly share: number;
  /** Where all counts start. */
  readonly position: number;
  /** Deaths of the consumer. */
  readonly kills?: KillPlan;
  /**
   * Share that the group has from the first return on, or from the start where a consumer dies; the producer has used the first one up when it begins.
   */
  readonly narrowTo?: number;
}

const TAIL = CREDIT_BYTES / 4;
const ROOM_WANTED = TAIL + 1;
const BELL = TAIL + 2;
const OWN_BELL = TAIL + 3;

/** Small scenarios; each is explored to the end. */
export const CREDIT_PLANS: readonly CreditPlan[] = [
  { name: 'one at a time, over 2^31', records: 2, share: 1, position: 0x7fff_ffff },
  { name: 'two at a time, over 2^32', records: 3, share: 2, position: -1 },
  {
    name: 'a consumer dies that promised more than its share',
    records: 3,
    share: 3,
    position: 0,
    narrowTo: 1,
    kills: { max: 1, victims: ['consumer'] },
  },
  { name: 'a consumer dies', records: 2, share: 1, position: 0, kills: { max: 1, victims: ['consumer'] } },
  { name: 'a share that shrinks', records: 5, share: 4, position: 0, narrowTo: 1 },
];

/** One producer and one consumer of one group. */
export function creditScenario(ring: RingModule, plan: CreditPlan): Scenario<Credits> {
  const consumer = consumerBody(ring, plan);
  return {
    name: `credit: ${plan.name}`,
    setup: (memory) => {
      const control = memory.words(OWN_BELL + 1, 'control');
      control[CreditWord.returned] = plan.position;
      if (plan.kills !== undefined) control[CreditWord.share] = plan.narrowTo ?? 0;
      for (const word of [CreditWord.published, CreditWord.limit, TAIL]) control[word] = (plan.position + usedAtStart(plan)) | 0;
      return { memory, control };
    },
    threads: [
      { name: 'producer', run: producerBody(ring, plan) },
      { name: 'consumer', run: consumer, successor: consumer },
    ],
    ...(plan.kills === undefined ? {} : { kills: plan.kills }),
    check: (final) => check(plan, final),
  };
}

function usedAtStart({ share, narrowTo }: CreditPlan): number {
  return narrowTo === undefined ? 0 : share;
}

function producerBody(ring: RingModule, plan: CreditPlan): ThreadBody<Credits> {
  return ({ memory, control }, thread) => {
    const { atomics } = memory;
    const account = new ring.CreditAccount(atomics, control, 0, 0);
    const own = new ring.Doorbell(atomics, control, OWN_BELL);
    const consumer = new ring.Doorbell(atomics, control, BELL);
    for (let record = usedAtStart(plan); record < plan.records;) {
      if (account.hasRoom(0)) {
        record++;
        atomics.store(control, TAIL, (plan.position + record) | 0);
        account.charge(1);
        consumer.ring();
        continue;
      }
      atomics.store(control, ROOM_WANTED, RoomWanted.credit);
      for (;;) {
        own.arm();
        if (account.hasRoomAgain()) {
          own.disarm();
          break;
        }
        thread.await(own.waitAsync());
      }
      atomics.store(control, ROOM_WANTED, 0);
    }
  };
}

function consumerBody(ring: RingModule, plan: CreditPlan): ThreadBody<Credits> {
  return ({ memory, control }, thread) => {
    const { atomics } = memory;
    const pool = { free: plan.share };
    const window = new ring.CreditWindow({ atomics, control, base: 0, groups: 1, shareDefault: plan.share, pool });
    const producer = new ring.Doorbell(atomics, control, OWN_BELL);
    const bell = new ring.Doorbell(atomics, control, BELL);
    const grant = (): void => {
      const outstanding = ((control[CreditWord.limit] ?? 0) - (control[CreditWord.returned] ?? 0)) | 0;
      must(outstanding <= plan.share, `${outstanding} units are promised`);
      const before = control[CreditWord.limit] ?? 0;
      const changed = window.grant();
      must((((control[CreditWord.limit] ?? 0) - before) | 0) >= 0, 'the limit fell');
      if (!changed || (atomics.load(control, ROOM_WANTED) & RoomWanted.credit) === 0) return;
      if (window.crossed()) producer.ring();
    };
    if (thread.generation > 0) {
      atomics.store(control, BELL, 0);
      producer.rouse();
    }
    grant();
    const end = (plan.position + plan.records) | 0;
    while (control[CreditWord.returned] !== end) {
      if (atomics.load(control, TAIL) !== control[CreditWord.returned]) {
        // One delivery settles; its redo values are the ledger's business.
        control[CreditWord.returned] = ((control[CreditWord.returned] ?? 0) + 1) | 0;
        grant();
        if (plan.narrowTo !== undefined) {
          atomics.store(control, CreditWord.share, plan.narrowTo);
          window.readShares();
        }
        continue;
      }
      bell.arm();
      if (atomics.load(control, TAIL) !== control[CreditWord.returned]) bell.disarm();
      else thread.await(bell.waitAsync());
    }
  };
}

function check(plan: CreditPlan, { shared: { control } }: FinalState<Credits>): void {
  const end = (plan.position + plan.records) | 0;
  const [published, returned, limit] = [CreditWord.published, CreditWord.returned, CreditWord.limit].map((word) => control[word]);
  must(published === end && returned === end, `${published} charged and ${returned} returned of ${end}`);
  must(limit === ((end + (plan.narrowTo ?? plan.share)) | 0), `the limit stands at ${limit}`);
}
