/**
 * One shard of a runtime on the test's own thread, under a clock that moves only where handlers say so. The loop, the schedule and the promises are the
 * real ones; so what a handler takes is exact, and nothing depends on the machine.
 */
import { MAIN_THREAD, allocateMemory, createPartitionTable, planMemory } from '@ringmain/ring';
import type { PriorityName } from '@ringmain/core';
import { manualClock } from '@ringmain/testkit';
import { pino } from 'pino';
import { z } from 'zod';
import { parseConfig } from '../../dist/config/parse-config.js';
import { Consumer } from '../../dist/deliver/consumer.js';
import { defineEvents, subscriber } from '../../dist/index.js';
import type { Publishing } from '../../dist/publish/publishing.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { HostedGroups } from '../../dist/subscribers/hosted-groups.js';
import { describeGroups } from '../../dist/subscribers/load-subscribers.js';
import type { RuntimeSeed, ThreadContext } from '../../dist/thread-context.js';
import { threadContext } from '../../dist/thread-context.js';

const SHARD = 1;
const LANE_BYTES = 2 ** 18;
const BAY = { slots: 4096, bytes: 2 ** 20 };
const BUDGET_US = 500;
const log = pino({ enabled: false });

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
  private readonly main: Publishing;
  private readonly consumer: Consumer;
  private readonly publishedUs = new Map<string, number>();
  private readonly counts = new Map<string, number>();
  private readonly waitsUs = new Map<PriorityName, number>();

  constructor(handlers: Partial<Record<PriorityName, TimedHandler>>) {
    const lane = { capacityBytes: LANE_BYTES };
    const config = parseConfig({
      shards: 1,
      lanes: { critical: lane, high: lane, normal: lane, low: lane },
      bay: BAY,
      handlers: { timeoutMs: 0 },
    });
    const plan = planMemory({
      shards: 1,
      laneBytes: [LANE_BYTES, LANE_BYTES, LANE_BYTES, LANE_BYTES],
      meshLaneBytes: 4096,
      baySlots: BAY.slots,
      bayBytes: BAY.bytes,
    });
    const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
    const types = ['critical', 'high', 'low', 'normal'];
    const seed: RuntimeSeed = { ...fixed, config, plan, memory: allocateMemory(plan), eventsHash: events.hash, types };
    createPartitionTable(plan, seed.memory, 1);
    const subscribers = Object.entries(handlers).map(([priority, handler]) =>
      subscriber({
        events,
        pattern: priority as PriorityName,
        group: priority,
        handle: (event) => this.handle(priority as PriorityName, event.data.id, handler),
      }),
    );
    const hosted = describeGroups(subscribers);
    const open = (context: ThreadContext): Publishing => {
      const publishing = createPublishing(context, events);
      publishing.types.route(new RouteTable(hosted, []).routeOf);
      return publishing;
    };
    const context = threadContext(seed, SHARD, { clock: { ...this.clock, idleUs: () => 0 } });
    const own = open(context);
    this.consumer = new Consumer(context, own, own, { budgetUs: BUDGET_US, wait: 'async', looksMax: 0 });
    void new HostedGroups(context, this.consumer, { subscribers, modules: [], registry: undefined, hash: 0 }, log);
    this.consumer.start(subscribers.length);
    this.main = open(threadContext(seed, MAIN_THREAD, { clock: this.clock }));
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
    return this.main.publisher.publish(priority, { id }).accepted;
  }

  /** Runs the shard until something is true. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  }

  stop(): void {
    this.consumer.stop();
    this.main.publisher.close();
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
