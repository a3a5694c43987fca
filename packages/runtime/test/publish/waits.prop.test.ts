/** No wait is forgotten: whatever was refused, by whom, and in which order things came free, everybody who waits goes on in the end. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { PublishOutcome } from '@ringmain/core';
import { defineEvents } from '../../dist/index.js';
import { keyOf, startStill, turns } from './still-consumers.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = 400;
/** More rounds than anybody needs once nothing is in the way any more. */
const ROUNDS = 50;
const pad = 'x'.repeat(150);
const schema = z.object({ key: z.int(), pad: z.string() });
const key = (data: { readonly key: number }): number => data.key;
const keyed = { schema, key };
const events = defineEvents({
  'both.rejected': keyed,
  'both.hasty': { ...keyed, overflow: { policy: 'block', deadlineMs: 1000 } },
  'both.oldest': { ...keyed, overflow: { policy: 'drop-old' } },
  'slow.patient': { ...keyed, overflow: { policy: 'block', deadlineMs: HOUR_MS } },
  'fast.rejected': keyed,
  'fast.latest': { ...keyed, overflow: { policy: 'coalesce' } },
});
const TYPES = ['both.rejected', 'both.hasty', 'both.oldest', 'slow.patient', 'fast.rejected', 'fast.latest'] as const;
const groups = { slow: ['both.*', 'slow.*'], fast: ['both.*', 'fast.*'] };
const KEYS = [keyOf(0), keyOf(1), keyOf(1, keyOf(1) + 1)] as const;

const type = fc.constantFrom(...TYPES);
const place = fc.constantFrom(...KEYS);
const shard = fc.constantFrom(0, 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('publish' as const), type, key: place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), type, key: place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), type, key: place }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('batch' as const), type, key: place, any: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('grant' as const),
      shard,
      group: fc.constantFrom('slow', 'fast'),
      units: fc.constantFrom(0, 1, 8, 40),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('drain' as const), shard }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), key: place, to: shard }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A publisher with everybody who waits at it. */
class Crowd {
  private readonly still = startStill(events, groups, { stage: { events: 3, maxWaitMs: 2000 } });
  private waiting = 0;
  private readonly errors: unknown[] = [];
  private moving: { readonly key: number; readonly to: number } | undefined;

  async take(one: Step): Promise<void> {
    const { still } = this;
    const { publisher } = still;
    if (one.do === 'publish') publisher.publish(one.type, { key: one.key, pad });
    else if (one.do === 'send')
      this.wait(still.publishing.sends.send(one.type, { key: one.key, pad }, { timeoutMs: 24 * HOUR_MS }));
    else if (one.do === 'write') this.wait(still.writable(one.type).getWriter().write({ key: one.key, pad }));
    else if (one.do === 'batch') this.wait(this.batch(one.type, one.key, one.any));
    else if (one.do === 'grant') this.grant(one.shard, one.group, one.units);
    else if (one.do === 'drain') still.drain(one.shard);
    else if (one.do === 'move') this.move(one.key, one.to);
    else this.pass();
    await turns(2);
    expect(this.errors).toEqual([]);
    expect(this.waiting === 0 || still.publishing.room.isWaiting, 'somebody waits for nothing').toBe(true);
  }

  /** Takes everything out of the way; says how many still wait then. */
  async finish(): Promise<number> {
    this.arrive();
    for (let round = 0; round < ROUNDS && this.waiting > 0; round++) {
      for (const one of [0, 1]) {
        for (const group of ['slow', 'fast']) this.grant(one, group, 1000);
        this.still.drain(one);
      }
      this.pass();
      await turns(2);
    }
    return this.waiting;
  }

  private wait(promise: Promise<unknown>): void {
    this.waiting++;
    promise.then(
      () => this.waiting--,
      (error: unknown) => this.errors.push(error),
    );
  }

  private async batch(name: string, to: number, any: boolean): Promise<void> {
    const entry = { type: name, data: { key: to, pad } };
    const publish = (): PublishOutcome => this.still.publisher.publishBatch([entry, entry, entry]);
    const before = this.still.rejected();
    while (publish().status === 'rejected') {
      if (this.still.rejected() - before > 10_000) throw new Error('tries for ever');
      await (any ? this.still.ready() : this.still.ready(name));
    }
  }

  private grant(one: number, group: string, units: number): void {
    this.still.grant(one, group, units);
    this.still.ring();
  }

  /** One partition moves at a time; the move before ends. */
  private move(of: number, to: number): void {
    this.arrive();
    this.moving = { key: of, to };
    this.still.move(of);
  }

  private arrive(): void {
    if (this.moving !== undefined) this.still.arrive(this.moving.key, this.moving.to);
    this.moving = undefined;
  }

  private pass(): void {
    this.still.clock.advance(STEP_MS * 1000);
    vi.advanceTimersByTime(STEP_MS);
  }
}

it('everybody who waits goes on once nothing is in the way', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const crowd = new Crowd();
      for (const one of steps) await crowd.take(one);
      expect(await crowd.finish()).toBe(0);
    }),
    { numRuns: 60 },
  );
});
