/** The spare of the shards, with stand-ins for the threads: there is one at most, however the replacements of several shards overlap. */
import { MAIN_THREAD, ThreadWord } from '@ringmain/ring';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Sampler } from '../../dist/coordinator/sampler.js';
import type { ShardThread } from '../../dist/coordinator/shard-thread.js';
import { ShardThreads } from '../../dist/coordinator/shard-threads.js';
import { ControlMemory } from './control-memory.ts';

/** Threads that come up, and end, when told to. */
class StandIns extends ShardThreads {
  readonly made: { readonly thread: ShardThread; readonly up: () => void; readonly end: () => void }[] = [];

  override launch(): ShardThread {
    let up = (): void => {};
    let end = (): void => {};
    const described = new Promise<void>((resolve) => (up = resolve));
    const ended = new Promise<string>((resolve) => (end = () => resolve('exit code 1')));
    const thread = { api: { describe: () => described }, ended } as unknown as ShardThread;
    this.made.push({ thread, up, end });
    return thread;
  }
}

function start() {
  const memory = new ControlMemory({ shards: 2, config: { warmSpare: true } });
  const { context } = memory;
  const threads = new StandIns(context.seed, pino({ enabled: false }), new Sampler(context));
  return {
    threads,
    isReady: () => memory.get(MAIN_THREAD, ThreadWord.spareReady) === 1,
    numberOf: (thread: ShardThread | undefined) => threads.made.findIndex((one) => one.thread === thread),
  };
}

describe('ShardThreads', () => {
  it('keep one spare, however the replacements of two shards overlap', async () => {
    const { threads, isReady, numberOf } = start();
    threads.keepSpare();
    // Both shards die: one takes the spare, the other begins cold.
    expect([numberOf(threads.next()), numberOf(threads.next())]).toEqual([0, 1]);
    // Both are up.
    threads.keepSpare();
    threads.keepSpare();
    expect([threads.made.length, numberOf(threads.spare)]).toEqual([3, 2]);
    threads.made[2]?.up();
    await Promise.resolve();
    await Promise.resolve();
    expect(isReady()).toBe(true);
    threads.keepSpare();
    expect([threads.made.length, numberOf(threads.next()), threads.spare]).toEqual([3, 2, undefined]);
  });

  it('keep another once the spare was taken, or has ended', async () => {
    const { threads, numberOf, isReady } = start();
    threads.keepSpare();
    threads.next();
    threads.keepSpare();
    threads.made[1]?.end();
    await Promise.resolve();
    await Promise.resolve();
    expect([threads.spare, isReady()]).toEqual([undefined, false]);
    threads.keepSpare();
    expect(numberOf(threads.spare)).toBe(2);
    threads.isOver = true;
    threads.next();
    threads.keepSpare();
    expect(threads.made).toHaveLength(3);
  });
});
