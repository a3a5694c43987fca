/** The batcher alone, with a sink that takes as many events as it is told to, and with fake timers. */
import { RingmainError, acceptedBy } from '@ringmain/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PublishOutcome } from '../../dist/index.js';
import type { Batcher, BatcherOptions } from '../../dist/publish/batcher.js';
import { EventBatcher } from '../../dist/publish/batcher.js';

const EVENT_BYTES = 48;
const refusal = {
  status: 'rejected',
  accepted: false,
  reason: 'full',
  priority: 'normal',
  depthBytes: 0,
  capacityBytes: 0,
  staged: 0,
  retryAfterMs: 7,
} as const;

/** A batcher of numbers; `room` is what its sink takes, and `wake` says that there is more. */
function gather(options: BatcherOptions, bytesMax = 4096) {
  const state = {
    room: Infinity,
    published: [] as number[][],
    ended: 0,
    tries: 0,
    waits: 0,
    wake: async (): Promise<void> => {},
  };
  const numbers = new WeakMap<object, number>();
  const batcher = new EventBatcher<number>(
    {
      encode: (data) => {
        if (!Number.isInteger(data)) throw new RingmainError('RINGMAIN_PAYLOAD_INVALID', `payload ${data}`);
        const event = { type: undefined as never, priority: 2 as const, hash: 0, body: Buffer.alloc(EVENT_BYTES - 8) };
        numbers.set(event, data);
        return event;
      },
      publish: (events): PublishOutcome => {
        state.tries++;
        if (events.length > state.room) return refusal;
        state.room -= events.length;
        state.published.push(events.map((event) => numbers.get(event) as number));
        return acceptedBy(1);
      },
      bytesMax,
      eventsMax: Infinity,
      ready: () => {
        state.waits++;
        return new Promise<void>((resolve) => {
          state.wake = async () => {
            resolve();
            await Promise.resolve();
          };
        });
      },
      ended: () => void state.ended++,
    },
    options,
  );
  return { batcher, state };
}

const addAll = (batcher: Batcher<number>, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => batcher.add(from + index).status);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Batcher.add()', () => {
  it('publishes 100 events as one batch by default', () => {
    const { batcher, state } = gather({}, 65_536);
    expect(addAll(batcher, 0, 100)).toEqual([...Array.from({ length: 99 }, () => 'gathered'), 'accepted']);
    expect(state.published.map(({ length }) => length)).toEqual([100]);
    expect(batcher.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('publishes before the bytes are passed, and an event that is larger alone', () => {
    const { batcher, state } = gather({ maxBytes: 3 * EVENT_BYTES + 8 });
    addAll(batcher, 0, 7);
    expect(state.published).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    const small = gather({ maxBytes: 1 });
    addAll(small.batcher, 0, 2);
    expect(small.state.published).toEqual([[0], [1]]);
    // What the lanes allow goes before what was asked for.
    const lane = gather({ maxBytes: 2 ** 20 }, 2 * EVENT_BYTES);
    addAll(lane.batcher, 0, 4);
    expect(lane.state.published).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('publishes maxDelayMs after the first event of a batch', () => {
    const { batcher, state } = gather({ maxDelayMs: 10 });
    batcher.add(0);
    vi.advanceTimersByTime(9);
    batcher.add(1);
    expect(state.published).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(state.published).toEqual([[0, 1]]);
    batcher.add(2);
    vi.advanceTimersByTime(9);
    expect(state.published).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(state.published).toEqual([[0, 1], [2]]);
  });

  it('throws for an invalid event and keeps the others', () => {
    const { batcher, state } = gather({ maxEvents: 3 });
    batcher.add(0);
    expect(() => batcher.add(0.5)).toThrow(/RINGMAIN_PAYLOAD_INVALID/);
    expect(() => batcher.add(1, { prioritty: 'low' } as never)).toThrow(/RINGMAIN_OPTION_INVALID/);
    expect(addAll(batcher, 1, 3)).toEqual(['gathered', 'accepted']);
    expect(state.published).toEqual([[0, 1, 2]]);
  });

  it('keeps a refused batch, says so, takes nothing more while it is full, and loses nothing', async () => {
    const { batcher, state } = gather({ maxEvents: 4 });
    state.room = 0;
    expect(addAll(batcher, 0, 3)).toEqual(['gathered', 'gathered', 'gathered']);
    expect(batcher.add(3)).toEqual({ status: 'gathered', accepted: true, refused: refusal });
    expect(batcher.add(4)).toBe(refusal);
    expect(batcher.size).toBe(4);
    // Room for a part of it: a batch that never fits as a whole still goes on, in order.
    state.room = 3;
    expect(batcher.add(4)).toEqual({ status: 'gathered', accepted: true });
    expect(batcher.size).toBe(2);
    state.room = Infinity;
    await state.wake();
    expect(state.published.flat()).toEqual([0, 1, 2, 3, 4]);
    expect(batcher.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('A batch that was refused', () => {
  it('is tried again when what refused is over, and at no other time unless somebody asks', async () => {
    const { batcher, state } = gather({ maxEvents: 2 });
    state.room = 0;
    addAll(batcher, 0, 2);
    const { tries } = state;
    vi.advanceTimersByTime(60_000);
    expect([state.tries, state.waits]).toEqual([tries, 1]);
    expect(batcher.flush()).toBe(refusal);
    await state.wake();
    expect(state.waits).toBe(2);
    // One that ends tries no more.
    batcher.stop();
    const last = state.tries;
    await state.wake();
    expect([state.tries, batcher.size]).toEqual([last, 2]);
  });
});

describe('Batcher.flush() and close()', () => {
  it('publish what waits, and say nothing if nothing does', () => {
    const { batcher, state } = gather({});
    expect(batcher.flush()).toBeUndefined();
    batcher.add(1);
    expect(batcher.flush()).toEqual(acceptedBy(1));
    batcher.add(2);
    expect(batcher.close()).toEqual(acceptedBy(1));
    expect([state.published, state.ended]).toEqual([[[1], [2]], 1]);
    expect(() => batcher.add(3)).toThrow(/RINGMAIN_CLOSED/);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go on with what is refused at close', async () => {
    const { batcher, state } = gather({});
    addAll(batcher, 0, 2);
    state.room = 0;
    expect(batcher.close()).toBe(refusal);
    expect([batcher.size, state.ended]).toEqual([2, 0]);
    state.room = Infinity;
    await state.wake();
    expect([state.published, state.ended]).toEqual([[[0], [1]], 1]);
  });
});

describe('new EventBatcher()', () => {
  it.each([
    { maxEvents: 0 },
    { maxEvents: 1.5 },
    { maxEvents: 10_001 },
    { maxBytes: '1' },
    { maxDelayMs: -1 },
    { maxDelayMs: Number.NaN },
    { maxEvent: 1 },
  ])('refuses %o', (options) => {
    expect(() => gather(options as BatcherOptions)).toThrow(/RINGMAIN_OPTION_INVALID/);
  });
});
