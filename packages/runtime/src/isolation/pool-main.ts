/** Entry of a thread of an isolated group. Thin on purpose: everything else is `PoolRoom`. */
import { workerData } from 'node:worker_threads';
import { PoolRoom } from './pool-room.ts';
import type { PoolOutcome, PoolSeed, PoolTask } from './pool-messages.ts';

const room = new PoolRoom(workerData as PoolSeed);

/** What the pool calls with each task. */
export default function run(task: PoolTask): Promise<PoolOutcome> {
  return room.run(task);
}
