/**
 * Ends a shard that owns nothing any more, once it has nothing to do, and puts an end to every wait on the way.
 * Thread: the coordinator.
 *
 * 1. The shard is asked, with a deadline. It decides in one step in which nothing waits or runs there, or says no. One that comes to read the question
 *    after the deadline says no as well, so that a shard which was given time up on goes on as before.
 * 2. From its decision on (`ThreadPhase.stopped` in its words) it has nothing left but its teardowns, which have a time of their own.
 * 3. A thread whose teardowns have not ended by then is terminated, and one that dies in them is not replaced. Nothing is lost by that: it had nothing.
 */
import { ThreadPhase, ThreadWord } from '@ringmain/ring';
import { inTime } from '../in-time.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { PartitionMover } from './partition-mover.ts';
import type { ShardThread } from './shard-thread.ts';

/** How a try to end a shard went. `busy`: it has something to do, or does not answer; `terminated`: its teardowns did not end in order. */
export type Retirement = 'busy' | 'retired' | 'terminated';

/** What a retirement needs. */
export interface RetirementParts {
  readonly context: ThreadContext;
  readonly mover: Pick<PartitionMover, 'until'>;
  /** The shard that leaves. */
  readonly shard: number;
  readonly thread: Pick<ShardThread, 'terminate'> & { readonly api: { retire(untilUs: number): Promise<boolean> } };
  /** Called once it has decided to end: whatever becomes of its thread from then on, it gets no successor. */
  readonly decided: () => void;
}

/**
 * Tries to end a shard.
 *
 * @param deadlineUs - monotonic time up to which it may decide
 * @param teardownMs - time that its teardowns have after that
 */
export async function retireShard(
  { context, mover, shard, thread, decided }: RetirementParts,
  deadlineUs: number,
  teardownMs: number,
): Promise<Retirement> {
  const { atomics, control, seed } = context;
  const phaseIndex = ((seed.plan.threads[shard + 1]?.words ?? 0) >> 2) + ThreadWord.phase;
  let answer: boolean | undefined;
  // One that dies meanwhile is replaced first: it may leave something behind.
  const answered = thread.api
    .retire(deadlineUs)
    .catch(() => false)
    .then((isRetired) => (answer = isRetired));
  const hasStopped = (): boolean => atomics.load(control, phaseIndex) === ThreadPhase.stopped;
  if (!(await mover.until(() => answer !== undefined || hasStopped(), deadlineUs))) {
    // Should it have decided in the same moment, it has stopped and nobody knows: it ends as by a crash, and its successor takes over.
    void answered.then((isRetired) => void (isRetired && thread.terminate()));
    return 'busy';
  }
  if (answer === false) return 'busy';
  decided();
  const isRetired = await inTime<boolean | undefined>(answered, teardownMs, () => undefined);
  // A thread that hangs in native code does not end, and has nothing any more: nobody waits for it.
  await inTime(thread.terminate(), teardownMs, () => undefined);
  return isRetired === true ? 'retired' : 'terminated';
}
