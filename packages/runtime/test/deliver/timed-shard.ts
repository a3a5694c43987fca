/**
 * One shard of a runtime on the test's own thread, under a clock that moves only where handlers say so. The loop, the schedule and the promises are the
 * real ones; so what a handler takes is exact, and nothing depends on the machine.
 */
import type { PriorityName } from '@ringmain/core';
import { manualClock } from '@ringmain/testkit';
import { z } from 'zod';
import { defineEvents, subscriber } from '../../dist/index.js';
import type { OpenShard } from './open-shard.ts';
import { openShard } from './open-shard.ts';

const data = z.object({ id: z.int() });
const events = defineEvents({
  critical: { schema: data, codec: 'struct', priority: 'critical' },
  high: { schema: data, codec: 'struct', priority: 'high' },
  normal: { schema: data, codec: 'struct', priority: 'normal' },
  low: { schema: data, codec: 'struct', priority: 'low' },
});

/** What handlers of a priority do. */
export interface TimedHandler {
  /** Time until the handler returns. */
  readonly us: number;
  /** Time that it takes after an `await`, if there is one. */
  readonly laterUs?: number;
  /** What the handler awaits, if not just a turn of the microtasks. */
  readonly awaits?: (id: number) => Promise<unknown>;
}

/** The shard, and a main thread that publishes to it. */
export class TimedShard {
  /** Called when a handler has begun, before its time passes. */
  onBegin: ((priority: PriorityName) => void) | undefined;

  private readonly clock = manualClock();
  private readonly shard: OpenShard;
  private readonly publishedUs = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  private readonly waitsUs = new Map<PriorityName, number>();

  constructor(handlers: Partial<Record<PriorityName, TimedHandler>>) {
    const subscribers = Object.entries(handlers).map(([priority, handler]) =>
      subscriber({
        events,
        pattern: priority as PriorityName,
        group: priority,
        handle: (event) => this.handle(priority as PriorityName, event.data.id, handler),
      }),
    );
    this.shard = openShard(events, subscribers, { ...this.clock, idleUs: () => 0 });
  }

  /** Present time. */
  get nowUs(): number {
    return this.clock.monotonicUs();
  }

  /** Handlers of a priority that have begun. */
  begun(priority: PriorityName): number {
    return this.counts.get(`${priority} begun`) ?? 0;
  }

  /** Handlers of a priority that have ended. */
  ended(priority: PriorityName): number {
    return this.counts.get(`${priority} ended`) ?? 0;
  }

  /** Longest time from a publish to its handler. */
  longestWaitUs(priority: PriorityName): number {
    return this.waitsUs.get(priority) ?? 0;
  }

  /** Publishes an event of a priority; false when it found no room. */
  publish(priority: PriorityName, id: number): boolean {
    this.publishedUs.set(`${priority} ${id}`, this.nowUs);
    return this.shard.main.publisher.publish(priority, { id }).accepted;
  }

  /** Runs the shard until something is true. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }

  stop(): void {
    this.shard.stop();
  }

  private handle(priority: PriorityName, id: number, { us, laterUs, awaits }: TimedHandler): Promise<void> | undefined {
    const waitUs = this.nowUs - (this.publishedUs.get(`${priority} ${id}`) ?? 0);
    this.waitsUs.set(priority, Math.max(this.longestWaitUs(priority), waitUs));
    this.count(`${priority} begun`);
    this.onBegin?.(priority);
    this.clock.advance(us);
    if (laterUs !== undefined || awaits !== undefined) return this.goOn(priority, laterUs ?? 0, awaits?.(id));
    this.count(`${priority} ended`);
    return undefined;
  }

  private async goOn(priority: PriorityName, laterUs: number, awaited: Promise<unknown> | undefined): Promise<void> {
    await awaited;
    this.clock.advance(laterUs);
    this.count(`${priority} ended`);
  }

  private count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
