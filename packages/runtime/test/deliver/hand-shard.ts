/**
 * The main thread and one shard of a runtime in one real thread, turned by hand: the platform's promises, and a clock that moves only when told to, with the
 * timers. For what needs real promises; what dies at any store is in `mortal-shard.ts`.
 */
import {
  BreakerBoard,
  DROP_REASONS,
  DeliveryLedger,
  GROUP_CELLS,
  GroupCell,
  PermitBoard,
  ThreadWord,
  laneNumber,
  readCell,
} from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import type { RuntimeConfigInput } from '../../dist/index.js';
import { defineEvents, subscriber } from '../../dist/index.js';
import { parseConfig } from '../../dist/config/parse-config.js';
import { chargeDeath } from '../../dist/coordinator/charge-death.js';
import { Consumer } from '../../dist/deliver/consumer.js';
import type { BatchHandlerContext, HandlerContext } from '../../dist/handler-context.js';
import { LetterDesk } from '../../dist/letters/letter-desk.js';
import type { Publishing } from '../../dist/publish/publishing.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import type { PublishOptions } from '../../dist/publish/options.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { LocalSubscriptions } from '../../dist/router/local-subscriptions.js';
import type { Subscriber } from '../../dist/subscriber.js';
import { HostedGroups } from '../../dist/subscribers/hosted-groups.js';
import { describeGroups } from '../../dist/subscribers/load-subscribers.js';
import type { RuntimeSeed, ThreadContext } from '../../dist/thread-context.js';
import { threadContext } from '../../dist/thread-context.js';
import { seedOf } from '../seed-of.ts';
import { plainAtomics } from './mortal-memory.ts';

const SHARD = 1;
const NORMAL = 2;
const LANE_BYTES = 4096;
const PASSES_MAX = 10_000;
const options = { budgetUs: 1e9, wait: 'async', looksMax: 0 } as const;
const log = pino({ enabled: false });
const item = z.object({ id: z.int(), key: z.int() });

/** `task.*` are for the shard, `noted` is for the main thread. */
export const events = defineEvents({
  'task.one': { schema: item, codec: 'struct', key: ({ key }) => key },
  'task.two': { schema: item, codec: 'struct', key: ({ key }) => key },
  noted: { schema: z.object({ id: z.int() }), codec: 'struct' },
});

/** What a handler was called with, and how it ends. */
export interface Call {
  readonly group: string;
  readonly ids: readonly number[];
  readonly keys: readonly number[];
  readonly attempts: readonly number[];
  readonly ctx: HandlerContext;
  /** Of a handler of batches. */
  readonly batch: BatchHandlerContext | undefined;
  readonly events: readonly unknown[];
  /** Has the handler's promise resolve, or reject with an error. */
  readonly end: (error?: unknown) => void;
  isOpen: boolean;
}

/** What tests say of a group beside its name. */
export type GroupOptions = Partial<Parameters<typeof subscriber>[0]>;

/** A runtime of one shard. */
export class HandShard {
  /** Calls of handlers made by {@link HandShard.group}, in order. */
  readonly calls: Call[] = [];
  /** Events of `noted` that arrived. */
  readonly noted: number[] = [];
  readonly clock = manualClock(1_000_000_000);
  /** Told of every call when it begins. */
  onCall: ((call: Call) => void) | undefined;

  private readonly seed: RuntimeSeed;
  private readonly mainContext: ThreadContext;
  private readonly main: Publishing;
  private readonly mainConsumer: Consumer;
  private readonly desk: LetterDesk;
  private readonly subscribers: readonly Subscriber[];
  private isStopped = false;
  private shard: { readonly consumer: Consumer; readonly context: ThreadContext };

  constructor(groups: (shard: HandShard) => readonly Subscriber[], config: RuntimeConfigInput = {}) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const lane = { capacityBytes: LANE_BYTES };
    const given = {
      shards: 1,
      lanes: { critical: lane, high: lane, normal: lane, low: lane },
      mesh: lane,
      bay: { slots: 64, bytes: 16_384 },
      recordBytesMax: 1024,
      handlers: { timeoutMs: 0 },
      retry: { maxAttempts: 3, backoff: 'fixed', initialMs: 100, jitter: 'none', budget: { perSecondMin: 1_000_000 } },
      ...config,
    } as const;
    this.seed = seedOf(given, events, ['noted', 'task.one', 'task.two']);
    this.subscribers = groups(this);
    this.mainContext = this.contextOf(0);
    this.main = this.publishing(this.mainContext);
    const desk = (this.desk = new LetterDesk(this.mainContext, this.main.system, log));
    desk.hosted = describeGroups(this.subscribers);
    this.mainConsumer = new Consumer(this.mainContext, this.main, this.main, options, desk);
    new LocalSubscriptions(this.mainContext, this.mainConsumer, log).add(
      ['noted'],
      ({ data }) => void this.noted.push((data as { id: number }).id),
      { group: 'notes' },
    );
    unscheduled(() => this.mainConsumer.start(0));
    this.shard = this.begin();
  }

  /** A group whose calls wait in {@link HandShard.calls} until the test ends them; with `batch`, of batches. */
  group(name: string, { pattern = 'task.one', ...given }: GroupOptions = {}): Subscriber {
    const common = { events, pattern, group: name, ...given } as const;
    const call = (handled: readonly Handled[], ctx: HandlerContext, batch?: BatchHandlerContext): Promise<void> =>
      new Promise((resolve, reject) => {
        const made: Call = {
          group: name,
          ids: handled.map(({ data }) => data.id),
          keys: handled.map(({ data }) => data.key),
          attempts: handled.map(({ attempt }) => attempt),
          ctx,
          batch,
          events: handled,
          isOpen: true,
          end: (error) => {
            made.isOpen = false;
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        this.calls.push(made);
        this.onCall?.(made);
      });
    if (given.batch === undefined)
      return subscriber({ handle: (event: Handled, ctx: HandlerContext) => call([event], ctx), ...common } as never);
    return subscriber({
      handleBatch: (batch: readonly Handled[], ctx: BatchHandlerContext) => call(batch, ctx as unknown as HandlerContext, ctx),
      ...common,
    } as never);
  }

  /** Calls that have not ended. */
  get open(): Call[] {
    return this.calls.filter(({ isOpen }) => isOpen);
  }

  /** Publishes for the shard; false when there is no room. */
  publish(type: 'task.one' | 'task.two', id: number, key = id, given: PublishOptions = {}): boolean {
    return this.main.publisher.publish(type, { id, key }, given).accepted;
  }

  /** One turn of the shard; the main thread takes nothing. */
  turnShard(): number {
    const { consumer } = this.shard;
    if (this.isStopped) return 0;
    consumer.beginTurn();
    return consumer.work();
  }

  /** Turns of both threads, and of the event loop, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let quiet = 0, pass = 0; quiet < 3; pass++) {
      if (pass > PASSES_MAX) throw new Error('it works for ever');
      this.mainConsumer.beginTurn();
      const done = Math.max(0, this.mainConsumer.work()) + Math.max(0, this.turnShard());
      await nextTurn();
      quiet = done > 0 ? 0 : quiet + 1;
    }
  }

  /** Turns of the shard alone, and of the event loop: what the main thread does not take fills its lane. */
  async settleShard(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      const done = Math.max(0, this.turnShard());
      await nextTurn();
      quiet = done > 0 ? 0 : quiet + 1;
    }
  }

  /** The `deadline` of an event that is given so many milliseconds: the clock of the wall starts with that of the runtime. */
  deadlineIn(ms: number): number {
    return this.clock.monotonicUs() / 1000 + ms;
  }

  /** Time passes, with its timers. */
  pass(ms: number): void {
    this.clock.advance(ms * 1000);
    vi.advanceTimersByTime(ms);
  }

  /** What a group counted, by its place among the subscribers. */
  counted(group: number): { readonly delivered: number; readonly deadLettered: number; readonly retried: number } {
    const { delivered, deadLettered, retried } = GroupCell;
    return {
      delivered: this.cell(group, delivered),
      deadLettered: this.cell(group, deadLettered),
      retried: this.cell(group, retried),
    };
  }

  /** Deliveries that a group declined. */
  filtered(group: number): number {
    return this.cell(group, GroupCell.filtered);
  }

  /** Deliveries of a group in whose place a newer one came. */
  superseded(group: number): number {
    const base = ((this.seed.plan.threads[SHARD]?.groupCells ?? 0) >> 2) + group * GROUP_CELLS * 2;
    return readCell(this.mainContext.control, base + (GroupCell.dropped + DROP_REASONS.indexOf('superseded')) * 2);
  }

  /** Why the dead letters died, in the order in which they came. */
  get reasons(): string[] {
    return [...this.desk.store.all()].map(({ reason }) => reason);
  }

  /** Deliveries in the shard's bay. */
  get inBay(): number {
    const words = (this.seed.plan.threads[SHARD]?.words ?? 0) >> 2;
    return this.mainContext.control[words + ThreadWord.inFlight] as number;
  }

  /** The deciding side of the breaker of the one group that has one. */
  board(): BreakerBoard {
    const base = (this.seed.plan.threads[SHARD]?.breakers ?? 0) >> 2;
    return new BreakerBoard(plainAtomics, this.mainContext.control, [base]);
  }

  /** The leasing side of the permits of the bulkhead with a number. */
  permits(number = 0): PermitBoard {
    const base = (this.seed.plan.threads[SHARD]?.permits ?? 0) >> 2;
    return new PermitBoard(plainAtomics, this.mainContext.control, [base + number]);
  }

  /** True when the shard finds something to do as it is about to sleep. */
  get isAwake(): boolean {
    this.shard.consumer.beforePark();
    return this.shard.consumer.hasWork();
  }

  /** Takes another configuration, as by a reload. */
  reload(config: RuntimeConfigInput): void {
    const { live } = this.shard.context;
    live.replace(parseConfig({ ...(this.seed.config as unknown as RuntimeConfigInput), ...config }));
  }

  /** Tells the handlers to stop, as a close does at half of its time. */
  stopHandlers(): void {
    this.shard.consumer.stopHandlers();
  }

  /** Stops the shard, as a close does. */
  stop(): void {
    this.isStopped = true;
    this.shard.consumer.stop();
  }

  /** The shard dies; its successor takes over. What was open has ended with it. @param isCharged - whether the death is charged to what ran */
  die(isCharged = true): void {
    for (const call of this.calls) call.isOpen = false;
    if (isCharged) chargeDeath(this.mainContext, SHARD);
    this.isStopped = false;
    this.shard = this.begin();
  }

  /** The shard ends with its owner, charged to nobody, while a handler runs for the first event that was published with normal priority. */
  endInFirst(): void {
    const words = (this.seed.plan.threads[SHARD]?.words ?? 0) >> 2;
    const { control } = this.mainContext;
    new DeliveryLedger(control, words, control).open(laneNumber(0, NORMAL), 0);
    this.die(false);
  }

  private cell(group: number, which: number): number {
    const base = ((this.seed.plan.threads[SHARD]?.groupCells ?? 0) >> 2) + group * GROUP_CELLS * 2;
    return readCell(this.mainContext.control, base + which * 2);
  }

  private begin(): { readonly consumer: Consumer; readonly context: ThreadContext } {
    const context = this.contextOf(SHARD);
    const own = this.publishing(context);
    const consumer = new Consumer(context, own, own, options);
    // Creating the groups subscribes them.
    void new HostedGroups(context, consumer, { subscribers: this.subscribers, modules: [], registry: undefined, hash: 0 }, log);
    unscheduled(() => consumer.start(this.subscribers.length));
    return { consumer, context };
  }

  private contextOf(thread: number): ThreadContext {
    return threadContext(this.seed, thread, { atomics: plainAtomics, clock: this.clock });
  }

  private publishing(context: ThreadContext): Publishing {
    const created = createPublishing(context, events);
    created.types.route(new RouteTable(describeGroups(this.subscribers), ['noted']).routeOf);
    return created;
  }
}

interface Handled {
  readonly data: { readonly id: number; readonly key: number };
  readonly attempt: number;
}

/** A turn of the event loop, with all promises. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The test turns the loops itself. */
function unscheduled(run: () => void): void {
  const schedule = globalThis.setImmediate;
  globalThis.setImmediate = (() => undefined) as unknown as typeof setImmediate;
  try {
    run();
  } finally {
    globalThis.setImmediate = schedule;
  }
}
