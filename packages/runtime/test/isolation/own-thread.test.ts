/** The one thread of a group as its shard sees it, with a stand-in for the thread: when it is ended, and who is to blame. */
import { EventEmitter } from 'node:events';
import { systemAtomics } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HandlerThreadsParts } from '../../dist/isolation/handler-threads.js';
import { OwnThread } from '../../dist/isolation/own-thread.js';
import type { OpenWorker } from '../../dist/isolation/own-thread.js';
import type { OwnThreadSeed, ToOwnThread } from '../../dist/isolation/own-thread-messages.js';
import { OwnThreadWord } from '../../dist/isolation/own-thread-messages.js';
import { hasBegun, nextTicket } from '../../dist/isolation/ticket.js';

const GRACE_MS = 100;
const TIMEOUT_MS = 600;

class StandIn extends EventEmitter {
  readonly words: Int32Array;
  readonly tickets: number[] = [];
  isEnded = false;

  constructor({ words }: OwnThreadSeed) {
    super();
    this.words = words;
  }

  postMessage(message: ToOwnThread): void {
    if (message.kind === 'run') this.tickets.push(...message.tasks.map(({ ticket }) => ticket));
  }

  /** It has set up. */
  up(): void {
    this.emit('message', { kind: 'ended', outcomes: [{ task: 0, outcome: undefined }] });
  }

  /** The handler of a call begins, and returns a promise. */
  begin(ticket: number): void {
    this.words[OwnThreadWord.begun] = ticket;
  }

  end(task: number): void {
    this.emit('message', { kind: 'ended', outcomes: [{ task, outcome: undefined }] });
  }

  terminate(): Promise<number> {
    this.isEnded = true;
    queueMicrotask(() => this.emit('exit', 1));
    return Promise.resolve(1);
  }

  ref(): void {}
  unref(): void {}
}

async function start(timeoutMs = TIMEOUT_MS) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const threads: StandIn[] = [];
  const config = { startTimeoutMs: 60_000, log: { level: 'info' }, isolation: { graceMs: GRACE_MS }, handlers: { timeoutMs } };
  const lost: unknown[] = [];
  const parts = {
    clock: manualClock(),
    seed: { seed: { config } },
    onHello: () => {},
    onLost: (error: unknown) => lost.push(error),
  };
  const open = (seed: OwnThreadSeed): StandIn => {
    const thread = new StandIn(seed);
    threads.push(thread);
    return thread;
  };
  const own = new OwnThread(parts as unknown as HandlerThreadsParts, systemAtomics, open as unknown as OpenWorker);
  const started = own.start();
  threads[0]?.up();
  await started;
  return {
    threads,
    lost,
    /** Gives it a call; says how that ended. */
    async run(id: number): Promise<{ readonly of: Promise<string> }> {
      const task = { id, records: [{ attempt: 1 }], logLevel: 'info' } as never;
      const { signal } = new AbortController();
      const of = own.run({ task, signal, repeat: () => true }).then(
        (outcome) => (outcome === undefined ? 'ended' : 'failed'),
        () => 'failed',
      );
      await Promise.resolve();
      return { of };
    },
    pass: (ms: number) => vi.advanceTimersByTime(ms),
  };
}

describe('OwnThread', () => {
  it('ends a thread that has set up and begins nothing, though nothing that it began is under way; its calls go to the next one', async () => {
    const { threads, lost, run, pass } = await start();
    const { of } = await run(1);
    pass(TIMEOUT_MS - 1);
    expect(threads.map(({ isEnded }) => isEnded)).toEqual([false]);
    pass(1);
    expect(threads[0]?.isEnded).toBe(true);
    await Promise.resolve();
    // Between two events: no handler is to blame.
    expect(lost).toEqual([expect.any(Error)]);
    pass(1);
    const [, second] = threads;
    expect(second?.tickets).toEqual([0, 1]);
    second?.up();
    second?.begin(1);
    second?.end(1);
    expect(await of).toBe('ended');
  });

  it('does so after graceMs where handlers have no time limit', async () => {
    const { threads, run, pass } = await start(0);
    await run(1);
    pass(GRACE_MS - 1);
    expect(threads[0]?.isEnded).toBe(false);
    pass(1);
    expect(threads[0]?.isEnded).toBe(true);
  });

  it('does not end one whose calls are under way, one that begins calls, nor one that has not set up', async () => {
    const { threads, run, pass } = await start();
    const [first] = threads as [StandIn];
    await run(1);
    first.begin(1);
    await run(2);
    // A call that waits has a time limit of its own.
    for (let look = 0; look < 5; look++) pass(TIMEOUT_MS);
    expect(first.isEnded).toBe(false);
    first.begin(2);
    first.end(1);
    first.end(2);
    await run(3);
    for (let call = 3; call < 8; call++) {
      await run(call + 1);
      pass(TIMEOUT_MS - 1);
      first.begin(call);
      first.end(call);
      pass(1);
    }
    expect(first.isEnded).toBe(false);
    // While it is being watched.
    await first.terminate();
    pass(1);
    const [, second] = threads as [StandIn, StandIn];
    await run(9);
    pass(TIMEOUT_MS * 3);
    expect([threads.length, second.isEnded]).toEqual([2, false]);
    second.up();
    pass(TIMEOUT_MS * 2);
    expect(second.isEnded).toBe(true);
  });
});

describe('A successor that exits while it sets up', () => {
  it('fails what waits for it, as one whose setup throws; the next call starts another one', async () => {
    const { threads, lost, run, pass } = await start();
    await threads[0]?.terminate();
    const { of } = await run(1);
    pass(1000);
    expect(threads.length).toBe(2);
    threads[1]?.emit('exit', 1);
    expect(await of).toBe('failed');
    expect(lost.at(-1)).toMatchObject({ message: 'exit code 1' });
    const next = await run(2);
    pass(10_000);
    const [, , third] = threads;
    expect(third?.tickets).toEqual([0, 1]);
    third?.up();
    third?.begin(1);
    third?.end(2);
    expect(await next.of).toBe('ended');
  });
});

describe('nextTicket()', () => {
  it('goes on beyond what a word holds, and keeps telling what has begun from what has not', () => {
    const near = (at: number) => fc.integer({ min: -5, max: 5 }).map((offset) => (at + offset) | 0);
    fc.assert(
      fc.property(fc.oneof(near(2 ** 31), near(0), fc.integer()), fc.integer({ min: 0, max: 20 }), (first, calls) => {
        const word = new Int32Array(1);
        let begun = nextTicket(first);
        const before = begun;
        for (let call = 0; call < calls; call++) begun = nextTicket(begun);
        word[0] = begun;
        expect([begun, begun === 0]).toEqual([word[0], false]);
        expect([hasBegun(before, begun), hasBegun(begun, begun), hasBegun(nextTicket(begun), begun)]).toEqual([
          true,
          true,
          false,
        ]);
        expect(hasBegun(0, begun)).toBe(false);
      }),
    );
  });
});
