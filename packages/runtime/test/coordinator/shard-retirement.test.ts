/** `retireShard` ends whatever the shard does: it says no, hangs, dies, or has teardowns that do not end. */
import { ThreadPhase, ThreadWord, allocateMemory, createPartitionTable, planMemory } from '@ringmain/ring';
import { expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { PartitionMover } from '../../dist/coordinator/partition-mover.js';
import { retireShard } from '../../dist/coordinator/shard-retirement.js';
import { endThread } from '../../dist/coordinator/stop-threads.js';
import { threadContext } from '../../dist/thread-context.js';

const LANES = [4096, 4096, 4096, 4096];
const SHARD = 0;
const LONG_MS = 60_000;
const never = new Promise<never>(() => {});

/** A shard that answers as the test says. */
function startShard() {
  const config = parseConfig({ shards: 1 });
  const plan = planMemory({ shards: 1, laneBytes: LANES, meshLaneBytes: 4096, baySlots: 64, bayBytes: 16_384 });
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, 1);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  const context = threadContext({ ...fixed, config, plan, memory, eventsHash: 0, types: [] }, 0);
  const mover = new PartitionMover(context);
  const phase = ((plan.threads[SHARD + 1]?.words ?? 0) >> 2) + ThreadWord.phase;
  context.control[phase] = ThreadPhase.running;
  const told: string[] = [];
  let answer: (isRetired: boolean) => void = () => {};
  let die: (error: Error) => void = () => {};
  const asked = new Promise<boolean>((resolve, reject) => {
    answer = resolve;
    die = reject;
  });
  const thread = {
    api: { retire: () => asked },
    terminate: () => {
      told.push('terminate');
      return Promise.resolve();
    },
  };
  const retire = (deadlineMs: number, teardownMs: number) => {
    const parts = { context, mover, shard: SHARD, thread, decided: () => void told.push('decided') };
    return retireShard(parts, context.clock.monotonicUs() + deadlineMs * 1000, teardownMs);
  };
  const stop = (): void => void (context.control[phase] = ThreadPhase.stopped);
  return { retire, stop, told, answer, die };
}

it('ends a shard that has nothing to do, and lets one be that has', async () => {
  const idle = startShard();
  const retired = idle.retire(LONG_MS, LONG_MS);
  idle.stop();
  idle.answer(true);
  expect([await retired, idle.told]).toEqual(['retired', ['decided', 'terminate']]);
  const busy = startShard();
  busy.answer(false);
  expect([await busy.retire(LONG_MS, LONG_MS), busy.told]).toEqual(['busy', []]);
});

it('terminates a shard whose teardowns do not end, or that dies in them', async () => {
  const endless = startShard();
  endless.stop();
  expect([await endless.retire(LONG_MS, 1), endless.told]).toEqual(['terminated', ['decided', 'terminate']]);
  const dying = startShard();
  dying.stop();
  const retired = dying.retire(LONG_MS, LONG_MS);
  await Promise.resolve();
  dying.told.push('dies');
  dying.die(new Error('died'));
  expect(['busy', 'terminated']).toContain(await retired);
});

it('gives up on a shard that does not answer, and ends one that had decided in that very moment', async () => {
  const hung = startShard();
  expect([await hung.retire(1, LONG_MS), hung.told]).toEqual(['busy', []]);
  hung.answer(true);
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(hung.told).toEqual(['terminate']);
  const dead = startShard();
  dead.die(new Error('died'));
  expect([await dead.retire(LONG_MS, LONG_MS), dead.told]).toEqual(['busy', []]);
});

it('endThread() rejects with RINGMAIN_CONTROL_TIMEOUT when the thread does not end', async () => {
  await endThread({ terminate: () => Promise.resolve() }, 3, LONG_MS);
  await expect(endThread({ terminate: () => never }, 3, 1)).rejects.toMatchObject({
    code: 'RINGMAIN_CONTROL_TIMEOUT',
    details: { shards: [3], timeoutMs: 1 },
  });
});
