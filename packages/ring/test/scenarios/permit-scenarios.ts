/**
 * Scenarios of a bulkhead over several consumers: a coordinator that leases permits, and consumers that use them, in the order of operations of `PermitControl`
 * and `Bulkhead` in `packages/runtime/src`, over the shipped words and bells.
 *
 * A consumer says that a delivery runs in a word of its own, and looks at those of the others: if more ran than there are permits, the last that began sees it.
 * Nobody ticks: what is not rung for stays undone, and is found as a thread that never ends.
 */
import { PERMIT_THREAD_BYTES, PermitWord } from '@ringmain/ring';
import type { KillPlan, Scenario, SimulatedMemory, ThreadContext } from '@ringmain/testkit';
import { must } from '../delivery-rules.ts';
import type { RingModule } from '../mirror-consumer.ts';

/** Mistakes in the order of operations around the words. */
export type PermitFault =
  | 'delivery begun before its permit is told'
  | 'use read before quotas are lowered'
  | 'no ring for what the coordinator waits for'
  | 'no look after the bell is armed';

/** Shape of a scenario. */
export interface PermitPlan {
  readonly name: string;
  readonly permits: number;
  /** Deliveries of each consumer. */
  readonly deliveries: readonly number[];
  /**
   * What the coordinator does. `moves`: goes through this list of quotas, of which the first is in force from the start, while consumers try each delivery once and
   * wait for nothing. `demand`: gives permits to whoever has none and wants one, from those that have no work or, if need be, from those that have.
   */
  readonly leases: readonly (readonly number[])[] | 'demand';
  readonly kills?: KillPlan;
  readonly fault?: PermitFault;
}

/** Words of a scenario. */
export interface Leasing {
  readonly memory: SimulatedMemory;
  readonly control: Int32Array;
  /** By consumer: 1 while a delivery runs. */
  readonly runs: Int32Array;
  /** By consumer: deliveries that are left. */
  readonly left: Int32Array;
  /** Bells of the consumers, and that of the coordinator. */
  readonly bells: Int32Array;
}

const THREAD_WORDS = PERMIT_THREAD_BYTES / 4;
const kill = (...victims: string[]): { kills: KillPlan } => ({ kills: { max: 1, victims } });

const BACK_AND_FORTH = [
  [1, 0],
  [0, 1],
  [1, 0],
];

/** Small scenarios, cheapest first; each is explored to the end. */
export const PERMIT_PLANS: readonly PermitPlan[] = [
  { name: 'a permit moves', permits: 1, deliveries: [1, 1], leases: BACK_AND_FORTH.slice(0, 2) },
  {
    name: 'a permit moves, and its first owner dies',
    permits: 1,
    deliveries: [1, 1],
    leases: BACK_AND_FORTH.slice(0, 2),
    ...kill('consumer 0'),
  },
  {
    name: 'a permit moves, and the coordinator dies',
    permits: 1,
    deliveries: [1, 1],
    leases: BACK_AND_FORTH.slice(0, 2),
    ...kill('coordinator'),
  },
  { name: 'one consumer that waits for its permit', permits: 1, deliveries: [1], leases: 'demand' },
];

/** The same, larger: explored in the full form. */
export const LARGE_PERMIT_PLANS: readonly PermitPlan[] = [
  { name: 'a permit moves back and forth', permits: 1, deliveries: [2, 1], leases: BACK_AND_FORTH },
  { name: 'a permit moves back and forth, two deliveries each', permits: 1, deliveries: [2, 2], leases: BACK_AND_FORTH },
];

/** Sampled in the short form. */
export const SAMPLED_PERMIT_PLANS: readonly PermitPlan[] = [
  { name: 'two consumers, one permit', permits: 1, deliveries: [2, 2], leases: 'demand' },
  { name: 'three consumers, two permits', permits: 2, deliveries: [2, 2, 2], leases: 'demand' },
  {
    name: 'three consumers, of which one dies twice',
    permits: 2,
    deliveries: [2, 2, 2],
    leases: 'demand',
    kills: { max: 2, victims: ['consumer 0'] },
  },
  {
    name: 'three consumers, and the coordinator dies',
    permits: 2,
    deliveries: [2, 2, 2],
    leases: 'demand',
    kills: { max: 2, victims: ['consumer 1', 'coordinator'] },
  },
];

/** A bulkhead with a bound over all consumers. */
export function permitScenario(ring: RingModule, plan: PermitPlan): Scenario<Leasing> {
  const consumers = plan.deliveries.length;
  return {
    name: `permits: ${plan.name}${plan.fault === undefined ? '' : `, ${plan.fault}`}`,
    setup: (memory) => {
      const left = memory.words(consumers, 'left');
      left.set(plan.deliveries);
      const control = memory.words(consumers * THREAD_WORDS, 'control');
      if (plan.leases !== 'demand')
        for (const [index, quota] of (plan.leases[0] ?? []).entries()) control[index * THREAD_WORDS + PermitWord.quota] = quota;
      return {
        memory,
        control,
        runs: memory.words(consumers, 'runs'),
        left,
        // The last one belongs to nobody.
        bells: memory.words(consumers + 2, 'bells'),
      };
    },
    threads: [
      ...plan.deliveries.map((_, index) => ({
        name: `consumer ${index}`,
        run: (shared: Leasing, thread: ThreadContext) => runConsumer(ring, plan, shared, thread, index),
        successor: (shared: Leasing, thread: ThreadContext) => {
          // What ran has ended with its thread; whoever saw the exit takes its permits back.
          shared.memory.atomics.store(shared.runs, index, 0);
          ring.forgetPermits(shared.memory.atomics, shared.control, index * THREAD_WORDS);
          bellOf(ring, shared, consumers).rouse();
          runConsumer(ring, plan, shared, thread, index);
        },
      })),
      {
        name: 'coordinator',
        daemon: plan.leases === 'demand',
        run: (shared: Leasing, thread: ThreadContext) => runCoordinator(ring, plan, shared, thread),
        successor: (shared: Leasing, thread: ThreadContext) => runCoordinator(ring, plan, shared, thread),
      },
    ],
    ...(plan.kills === undefined ? {} : { kills: plan.kills }),
    check: ({ shared: { left } }) => {
      for (let consumer = 0; consumer < consumers; consumer++)
        must(left[consumer] === 0, `a delivery of consumer ${consumer} was left`);
    },
  };
}

function bellOf(ring: RingModule, { memory, bells }: Leasing, index: number): InstanceType<RingModule['Doorbell']> {
  return new ring.Doorbell(memory.atomics, bells, index);
}

/** Runs its deliveries, one after another; sleeps while there is no permit. */
function runConsumer(ring: RingModule, plan: PermitPlan, shared: Leasing, thread: ThreadContext, index: number): void {
  const { memory, control, runs, left } = shared;
  const { atomics } = memory;
  const { fault } = plan;
  const consumers = plan.deliveries.length;
  const coordinator = bellOf(ring, shared, fault === 'no ring for what the coordinator waits for' ? consumers + 1 : consumers);
  const own = bellOf(ring, shared, index);
  const cell = new ring.PermitCell(atomics, control, index * THREAD_WORDS, coordinator);
  for (;;) {
    const count = atomics.load(left, index);
    if (count === 0) break;
    const mayBegin = fault === 'delivery begun before its permit is told' ? cell.hasRoom : cell.reserve();
    if (!mayBegin && plan.leases !== 'demand') {
      atomics.store(left, index, count - 1);
      continue;
    }
    if (!mayBegin) {
      cell.want(count);
      own.arm();
      if (fault !== 'no look after the bell is armed' && cell.hasRoom) own.disarm();
      else thread.await(own.waitAsync());
      continue;
    }
    atomics.store(runs, index, 1);
    let running = 0;
    for (let other = 0; other < consumers; other++) running += atomics.load(runs, other);
    must(running <= plan.permits, `${running} deliveries ran at a time, of ${plan.permits}`);
    cell.enter();
    atomics.store(runs, index, 0);
    atomics.store(left, index, count - 1);
    cell.leave();
  }
  if (plan.leases !== 'demand') return;
  cell.want(0);
  cell.rest();
}

/** Looks whenever it is rung. */
function runCoordinator(ring: RingModule, plan: PermitPlan, shared: Leasing, thread: ThreadContext): void {
  const consumers = plan.deliveries.length;
  const { memory, control } = shared;
  const bases = plan.deliveries.map((_, index) => index * THREAD_WORDS);
  const board = new ring.PermitBoard(memory.atomics, control, bases);
  const bell = bellOf(ring, shared, consumers);
  const lease = (targets: readonly number[], contended: boolean): void => {
    const isRash = plan.fault === 'use read before quotas are lowered';
    const told = isRash ? rash(shared, board, targets) : board.lease(plan.permits, targets, contended);
    for (const index of told) bellOf(ring, shared, index).ring();
  };
  if (plan.leases !== 'demand') {
    // The second look gives what was in use at the first.
    for (const targets of plan.leases.slice(1)) for (let look = 0; look < 2; look++) lease(targets, false);
    return;
  }
  const look = (): boolean => {
    const counts = bases.map((_, index) => board.counts(index));
    const contended = counts.some(({ quota, inUse, wanted }) => wanted > 0 && inUse >= quota);
    lease(targetsOf(plan, counts), contended);
    return contended;
  };
  for (;;) {
    bell.arm();
    // As after a death: whoever was leased something may not have been rung for it.
    if (thread.generation > 0) for (const index of bases.keys()) bellOf(ring, shared, index).rouse();
    if (look()) look();
    thread.await(bell.waitAsync());
  }
}

interface Counts {
  readonly quota: number;
  readonly inUse: number;
  readonly wanted: number;
}

/** Who lacks a permit gets one first. */
function targetsOf({ permits }: PermitPlan, counts: readonly Counts[]): number[] {
  const targets = counts.map(() => 0);
  let free = permits;
  const give = (isOne: (one: Counts) => boolean): void => {
    for (const [index, one] of counts.entries()) {
      if (free === 0 || (targets[index] as number) > 0 || !isOne(one)) continue;
      targets[index] = 1;
      free--;
    }
  };
  give(({ quota, wanted }) => quota === 0 && wanted > 0);
  give(({ quota, inUse, wanted }) => quota > 0 && inUse + wanted > 0);
  return targets;
}

/** Reads what is in use, and sets all quotas by that. */
function rash(
  { memory, control }: Leasing,
  board: InstanceType<RingModule['PermitBoard']>,
  targets: readonly number[],
): number[] {
  const counts = targets.map((_, index) => board.counts(index));
  const busy = counts.reduce((sum, { inUse }) => sum + inUse, 0);
  const told: number[] = [];
  for (const [index, { quota }] of counts.entries()) {
    const target = targets[index] as number;
    if (target > quota && busy > 0) continue;
    memory.atomics.store(control, index * THREAD_WORDS + PermitWord.quota, target);
    if (target > quota) told.push(index);
  }
  return told;
}
