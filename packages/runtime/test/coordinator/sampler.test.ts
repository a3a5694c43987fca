/** The tick of the coordinator wakes who sleeps although it has work: a waker may have died after it took the bell, and before it notified. */
import type { AsyncWait } from '@ringmain/ring';
import { Doorbell, LinkWord, ThreadWord, allocateMemory, linkIndex, planMemory, systemAtomics } from '@ringmain/ring';
import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { Sampler } from '../../dist/coordinator/sampler.js';
import { threadContext } from '../../dist/thread-context.js';

const MAIN = 0;
const SHARD = 1;
const PRIORITY = 2;

function open() {
  const config = parseConfig({ shards: 1 });
  const plan = planMemory({
    shards: 1,
    laneBytes: [4096, 4096, 4096, 4096],
    meshLaneBytes: 4096,
    baySlots: 64,
    bayBytes: 16_384,
  });
  const memory = allocateMemory(plan);
  const fixed = {
    epochUs: 0,
    epochWallMs: 0,
    nonceHigh: 1,
    nonceLow: 1,
    subscribers: [],
    eventsModule: undefined,
    eventsHash: 0,
  };
  const context = threadContext({ ...fixed, config, plan, memory, types: [] }, MAIN);
  const bell = (plan.threads[SHARD]?.words ?? 0) / 4 + ThreadWord.bell;
  const link = linkIndex(plan, MAIN, SHARD);
  return { context, bell, link, sampler: new Sampler(context) };
}

type Memory = ReturnType<typeof open>;

/** Has the shard sleep on its bell, which a waker then takes without a notify. */
function sleep({ context, bell }: Memory): AsyncWait {
  const own = new Doorbell(systemAtomics, context.control, bell);
  own.arm();
  const wait = own.waitAsync();
  systemAtomics.exchange(context.control, bell, 0);
  return wait;
}

async function isAwake(wait: AsyncWait): Promise<boolean> {
  if (!wait.async) return true;
  const late = new Promise<boolean>((resolve) => setImmediate(resolve, false));
  return Promise.race([wait.value.then(() => true), late]);
}

let memory: Memory | undefined;

afterEach(() => {
  if (memory !== undefined) systemAtomics.notify(memory.context.control, memory.bell, 1);
});

describe('Sampler.tick()', () => {
  it('wakes a consumer that sleeps although a lane holds records and its bell was taken', async () => {
    memory = open();
    const { context, link, sampler } = memory;
    const wait = sleep(memory);
    systemAtomics.store(context.control, link + LinkWord.lanesInUse, 1 << PRIORITY);
    systemAtomics.store(context.control, link + LinkWord.tail + PRIORITY, 8);
    expect(await isAwake(wait)).toBe(false);
    expect(sampler.tick()).toBe(true);
    await (wait.async ? wait.value : undefined);
  });

  it('leaves a consumer asleep that has nothing to do, and tells that nothing moved', async () => {
    memory = open();
    const { context, link, sampler } = memory;
    for (const word of [LinkWord.tail, LinkWord.head]) systemAtomics.store(context.control, link + word + PRIORITY, 8);
    systemAtomics.store(context.control, link + LinkWord.lanesInUse, 1 << PRIORITY);
    const wait = sleep(memory);
    expect([sampler.tick(), sampler.tick()]).toEqual([true, false]);
    expect(await isAwake(wait)).toBe(false);
  });
});
