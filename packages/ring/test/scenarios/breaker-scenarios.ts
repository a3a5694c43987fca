/**
 * Scenarios of a half-open circuit breaker: a coordinator that leases probes, and consumers that take them, in the order of operations of `GroupBreaker` and
 * `BreakerGate` in `packages/runtime/src`, over the shipped words.
 *
 * Each consumer tries so many deliveries, and counts the probes that it began by round, in words that outlive it.
 */
import { BREAKER_THREAD_BYTES, BYTE_MAX, BreakerWord, GateMode, roundOf } from '@ringmain/ring';
import type { KillPlan, Scenario, SimulatedMemory, ThreadContext } from '@ringmain/testkit';
import { must } from '../delivery-rules.ts';
import type { RingModule } from '../mirror-consumer.ts';

/** Mistakes in the order of operations around the words. */
export type BreakerFault = 'leases given anew within a round' | 'gate read twice' | 'call begun before the probe is taken';

/** Shape of a scenario. */
export interface BreakerPlan {
  readonly name: string;
  readonly consumers: number;
  /** Probes of one round. */
  readonly probes: number;
  /** Deliveries of each consumer. */
  readonly deliveries: number;
  /** Rounds that the coordinator begins. */
  readonly rounds: number;
  readonly kills?: KillPlan;
  readonly fault?: BreakerFault;
}

/** Words of a scenario. */
export interface HalfOpen {
  readonly memory: SimulatedMemory;
  readonly control: Int32Array;
  readonly bases: readonly number[];
  /** By consumer and round: probes that began. */
  readonly began: Int32Array;
}

const THREAD_WORDS = BREAKER_THREAD_BYTES / 4;

/** Small scenarios, cheapest first; each is explored to the end. */
export const BREAKER_PLANS: readonly BreakerPlan[] = [
  { name: 'one consumer, one probe', consumers: 1, probes: 1, deliveries: 2, rounds: 1 },
  { name: 'one consumer, two rounds', consumers: 1, probes: 1, deliveries: 2, rounds: 2 },
  { name: 'two consumers, one probe', consumers: 2, probes: 1, deliveries: 1, rounds: 1 },
  { name: 'a consumer dies', consumers: 1, probes: 1, deliveries: 2, rounds: 1, kills: { max: 1, victims: ['consumer 0'] } },
];

/** The same, larger: explored in the full form, and put before every mistake. */
export const LARGE_BREAKER_PLANS: readonly BreakerPlan[] = [
  { name: 'one consumer, two rounds, four deliveries', consumers: 1, probes: 1, deliveries: 4, rounds: 2 },
  { name: 'two consumers, one probe, two deliveries', consumers: 2, probes: 1, deliveries: 2, rounds: 1 },
  { name: 'two consumers, two probes', consumers: 2, probes: 2, deliveries: 2, rounds: 1 },
];

/** Sampled in the short form. */
export const SAMPLED_BREAKER_PLANS: readonly BreakerPlan[] = [
  { name: 'three consumers, two rounds', consumers: 3, probes: 2, deliveries: 3, rounds: 2 },
  {
    name: 'two consumers, of which one dies twice',
    consumers: 2,
    probes: 2,
    deliveries: 3,
    rounds: 2,
    kills: { max: 2, victims: ['consumer 0'] },
  },
];

/** A breaker that tries. */
export function breakerScenario(ring: RingModule, plan: BreakerPlan): Scenario<HalfOpen> {
  const { fault, consumers } = plan;
  return {
    name: `breaker: ${plan.name}${fault === undefined ? '' : `, ${fault}`}`,
    setup: (memory) => {
      const bases = Array.from({ length: consumers }, (_, thread) => thread * THREAD_WORDS);
      return {
        memory,
        control: memory.words(consumers * THREAD_WORDS, 'control'),
        bases,
        began: memory.words(consumers * (plan.rounds + 1), 'began'),
      };
    },
    threads: [
      ...Array.from({ length: consumers }, (_, index) => {
        const run = (shared: HalfOpen, thread: ThreadContext): void => runConsumer(ring, plan, shared, thread, index);
        return { name: `consumer ${index}`, run, successor: run };
      }),
      { name: 'coordinator', run: (shared) => runCoordinator(ring, plan, shared) },
    ],
    ...(plan.kills === undefined ? {} : { kills: plan.kills }),
    check: ({ shared: { began } }) => {
      for (let round = 0; round <= plan.rounds; round++) {
        let count = 0;
        for (let consumer = 0; consumer < consumers; consumer++) count += began[consumer * (plan.rounds + 1) + round] as number;
        must(count <= plan.probes, `${count} probes of round ${round} began, of ${plan.probes}`);
      }
    },
  };
}

/** Tries each of its deliveries once, whatever the gate says. */
function runConsumer(ring: RingModule, plan: BreakerPlan, shared: HalfOpen, thread: ThreadContext, index: number): void {
  const { memory, control, bases, began } = shared;
  const { fault } = plan;
  const cell = new ring.BreakerCell(memory.atomics, control, bases[index] as number);
  const begin = (round: number): void => {
    const word = index * (plan.rounds + 1) + round;
    began[word] = (began[word] as number) + 1;
  };
  for (let left = plan.deliveries; left > 0; left--) {
    const gate = cell.gate();
    if ((gate & BYTE_MAX) !== GateMode.probing) {
      // Nothing happens before the coordinator acts, and after its last act nothing more.
      if (roundOf(gate) < plan.rounds) thread.spin(control, (bases[index] as number) + BreakerWord.gate, gate);
      continue;
    }
    cell.want(roundOf(gate), left);
    const round = roundOf(fault === 'gate read twice' ? cell.gate() : gate);
    if (fault === 'call begun before the probe is taken' && cell.probesLeft(gate) > 0) {
      begin(round);
      cell.takeProbe(gate);
      continue;
    }
    if (!cell.takeProbe(gate)) continue;
    begin(round);
    cell.returnProbe(roundOf(gate), true);
  }
}

/** Begins each round and leases what it has, in two looks, as it finds wants. */
function runCoordinator(ring: RingModule, plan: BreakerPlan, shared: HalfOpen): void {
  const { memory, control, bases } = shared;
  const board = new ring.BreakerBoard(memory.atomics, control, bases);
  for (let round = 0; round < plan.rounds; round++) {
    board.set(GateMode.probing, 0, true);
    board.lease(plan.probes, () => true);
    if (plan.fault === 'leases given anew within a round') board.set(GateMode.probing, 0, false);
    board.lease(plan.probes, () => true);
  }
}
