/**
 * `churn`: the main thread subscribes and unsubscribes as fast as it can while events are published. What stable subscribers of the
 * main thread and of the shard are owed must reach them.
 * Baseline: the same load without churn.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { runPhase } from '../load-phase.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const RATE_PER_SECOND = 5000;
const KEYS = 64;
const MAIN_THREAD = -1;
/** What the main thread's subscriber records stands one slot further. */
const Slot = { stable: 1, stableMain: 2, churned: 3, churnedMain: 4 } as const;

/** Runs the scenario. */
export async function churn(context: StressContext): Promise<StressOutcome> {
  const target = await RuntimeTarget.start({ shards: 1 });
  const { runtime, board } = target;
  const subscription = runtime.subscribe(
    'load.offered',
    (event) => {
      const { dueUs, slot } = event.data;
      board.recordUnordered(MAIN_THREAD, { dueUs }, slot + 1);
    },
    { group: 'stable-main' },
  );
  await subscription.ready;
  const schedule = constantLoad({ ratePerSecond: RATE_PER_SECOND, seconds: context.seconds });
  const into = (slot: number) => (index: number, dueUs: number) => target.offer(slot, index % KEYS, dueUs);
  await runPhase(target, { name: 'no churn', schedule, publish: into(Slot.stable), sampled: { stable: Slot.stable } }, context);
  await target.settled();

  const churning = new AbortController();
  const churner = subscribeAndLeave(target, churning.signal);
  const phase = {
    name: 'churn',
    schedule,
    publish: into(Slot.churned),
    sampled: { shard: Slot.churned, main: Slot.churnedMain },
  };
  const end = await runPhase(target, phase, context);
  churning.abort();
  const changes = await churner;
  await target.settled();

  const figures: Figures = { changesPerSecond: Math.round(changes / end.seconds), ...latencies(target, Slot.churned) };
  const baseline: Figures = { changesPerSecond: 0, ...latencies(target, Slot.stable) };
  const owed = (target.slots[Slot.stable]?.accepted ?? 0) + (target.slots[Slot.churned]?.accepted ?? 0);
  const missingOnMain = owed - board.handled(Slot.stableMain) - board.handled(Slot.churnedMain);
  const books = await target.close();
  const notes = ['baseline: the same load without churn', 'a change is a subscription that the shards know of, and its end'];
  return { figures, baseline, ...books, lost: books.lost + Math.max(0, missingOnMain), notes };
}

async function subscribeAndLeave({ runtime }: RuntimeTarget, stop: AbortSignal): Promise<number> {
  let changes = 0;
  for (; !stop.aborted; changes++) {
    const subscription = runtime.subscribe('load.offered', () => {}, { group: 'passing' });
    await subscription.ready;
    subscription.unsubscribe();
  }
  return changes;
}

function latencies(target: RuntimeTarget, slot: number): Figures {
  const shard = target.board.summary(slot);
  const main = target.board.summary(slot + 1);
  return { 'shard.p50': shard.p50, 'shard.p99': shard.p99, 'main.p50': main.p50, 'main.p99': main.p99 };
}
