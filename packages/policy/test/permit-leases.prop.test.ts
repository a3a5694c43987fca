/** Leases against threads that begin and end calls: never too many, never nobody, and each in its turn where there are too few. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseReading } from '@ringmain/policy';
import { PermitLeases } from '@ringmain/policy';

const TICK_US = 100_000;
const HOLD_US = 2 * TICK_US;

interface Thread {
  present: boolean;
  quota: number;
  waiting: number;
  /** When each call that runs will end, in ticks. */
  ends: number[];
  begun: number;
}

/** Threads as they go by quotas, and whoever sets these as `PermitBoard` does. */
class Model {
  readonly threads: Thread[];
  readonly leases: PermitLeases;
  total: number;
  tick = 0;

  constructor(threads: number, total: number) {
    this.threads = Array.from({ length: threads }, () => ({ present: true, quota: 0, waiting: 0, ends: [], begun: 0 }));
    this.leases = new PermitLeases(threads, total, HOLD_US);
    this.total = total;
  }

  get held(): number {
    return this.threads.reduce((sum, { quota, ends }) => sum + Math.max(quota, ends.length), 0);
  }

  readings(): LeaseReading[] {
    return this.threads.map(({ present, quota, waiting, ends }) => ({ present, quota, inUse: ends.length, wanted: waiting }));
  }

  /** One tick: calls end, the policy decides, what may begin does. */
  step(takesTicks: () => number): readonly number[] {
    this.tick++;
    for (const thread of this.threads) thread.ends = thread.ends.filter((end) => end > this.tick);
    const targets = this.leases.plan(this.readings(), this.tick * TICK_US);
    for (const [index, thread] of this.threads.entries()) thread.quota = Math.min(thread.quota, targets[index] ?? 0);
    for (const [index, thread] of this.threads.entries()) {
      const left = this.total - this.held;
      if (left < 0) break;
      const has = Math.max(thread.quota, thread.ends.length);
      thread.quota = Math.max(thread.quota, Math.min(targets[index] ?? 0, has + left));
    }
    for (const thread of this.threads) {
      while (thread.present && thread.waiting > 0 && thread.ends.length < thread.quota) {
        thread.waiting--;
        thread.begun++;
        thread.ends.push(this.tick + takesTicks());
      }
    }
    return targets;
  }
}

const counts = fc.record({ threads: fc.integer({ min: 1, max: 8 }), total: fc.integer({ min: 1, max: 12 }) });
const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('arrive' as const), thread: fc.nat(7), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('leave' as const), thread: fc.nat(7), count: fc.constant(0) }),
    fc.record({ kind: fc.constant('return' as const), thread: fc.nat(7), count: fc.constant(0) }),
    fc.record({ kind: fc.constant('total' as const), thread: fc.constant(0), count: fc.integer({ min: 1, max: 12 }) }),
  ),
  { maxLength: 60 },
);

describe('PermitLeases', () => {
  it('never gives more than there is, nothing to absent threads, and shrinks to a smaller total', () => {
    fc.assert(
      fc.property(counts, acts, fc.infiniteStream(fc.nat(3)), ({ threads, total }, script, lengths) => {
        const model = new Model(threads, total);
        let before = 0;
        for (const { kind, thread: number, count } of script) {
          const thread = model.threads[number % threads] as Thread;
          if (kind === 'arrive') thread.waiting += count;
          else if (kind === 'leave') Object.assign(thread, { present: false, waiting: 0, ends: [] });
          else if (kind === 'return') thread.present = true;
          else {
            model.total = count;
            model.leases.configure(count, HOLD_US);
          }
          const targets = model.step(() => lengths.next().value as number);
          expect(targets.reduce((sum, target) => sum + target, 0)).toBeLessThanOrEqual(model.total);
          for (const [index, { present }] of model.threads.entries()) if (!present) expect(targets[index]).toBe(0);
          expect(model.held).toBeLessThanOrEqual(Math.max(model.total, before));
          before = model.held;
        }
      }),
      { numRuns: 150 },
    );
  });

  it('lets every thread that has work begin something, within the bound', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 5 }), ({ threads, total }, callTicks) => {
        const model = new Model(threads, total);
        // Hold times, a look each, and the calls that are waited for.
        const bound = Math.ceil(threads / total) * (HOLD_US / TICK_US + 1 + callTicks);
        const last = model.threads.map(() => 0);
        let longest = 0;
        for (let tick = 1; tick <= 8 * bound; tick++) {
          for (const thread of model.threads) thread.waiting = 5;
          const begun = model.threads.map((thread) => thread.begun);
          model.step(() => callTicks);
          for (const [index, thread] of model.threads.entries()) {
            if (thread.begun > (begun[index] as number)) last[index] = tick;
            longest = Math.max(longest, tick - (last[index] as number));
          }
        }
        expect(longest).toBeLessThanOrEqual(bound);
      }),
      { numRuns: 60 },
    );
  });

  it('uses every permit while there is enough work in all threads together', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 90 }), fc.nat(7), (threads, total, busy) => {
        const model = new Model(threads, total);
        const thread = model.threads[busy % threads] as Thread;
        for (let tick = 0; tick < 6; tick++) {
          thread.waiting = 200;
          model.step(() => 1);
        }
        // With plenty of them each of the others keeps one, to begin at once.
        expect(thread.quota).toBe(total >= 8 * threads ? total - (threads - 1) : total);
      }),
    );
  });

  it('shares alike among threads that all want more', () => {
    const model = new Model(3, 9);
    for (let tick = 0; tick < 10; tick++) {
      for (const thread of model.threads) thread.waiting = 50;
      model.step(() => 1);
    }
    expect(model.threads.map(({ quota }) => quota)).toEqual([3, 3, 3]);
  });

  it('leaves all as it is while nobody wants more than it has', () => {
    const model = new Model(2, 10);
    const [first, second] = model.threads as [Thread, Thread];
    first.waiting = 20;
    for (let tick = 0; tick < 4; tick++) model.step(() => 3);
    expect([first.quota, second.quota]).toEqual([10, 0]);
    first.waiting = 0;
    for (let tick = 0; tick < 50; tick++) model.step(() => 1);
    expect([first.quota, second.quota]).toEqual([10, 0]);
    second.waiting = 30;
    for (let tick = 0; tick < 4; tick++) model.step(() => 30);
    expect([first.quota, second.quota]).toEqual([0, 10]);
  });
});
