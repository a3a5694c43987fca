/** The main thread and one shard of a runtime, without threads: the shard's generations live until a given store, one after another. */
import {
  BAY_SLOT_WORDS,
  BreakerBoard,
  CreditWord,
  DROP_REASONS,
  GROUP_CELLS,
  GateMode,
  GroupCell,
  SlotState,
  SlotWord,
  allocateMemory,
  bayWords,
  createPartitionTable,
  creditIndex,
  planMemory,
  readCell,
  setPositions,
} from '@ringmain/ring';
import { pino } from 'pino';
import { z } from 'zod';
import { parseConfig } from '../../dist/config/parse-config.js';
import { chargeDeath } from '../../dist/coordinator/charge-death.js';
import { ControlWords } from '../../dist/coordinator/control-words.js';
import type { HandlerName } from '../../dist/coordinator/running-handler.js';
import { RunningHandlers } from '../../dist/coordinator/running-handler.js';
import { Consumer } from '../../dist/deliver/consumer.js';
import { openCreditWindows } from '../../dist/deliver/credit-windows.js';
import { NonRetryableError, defineEvents, subscriber } from '../../dist/index.js';
import type { DeliveryMode } from '../../dist/delivery-options.js';
import type { HandlerContext } from '../../dist/handler-context.js';
import type { Subscriber } from '../../dist/subscriber.js';
import { LetterDesk } from '../../dist/letters/letter-desk.js';
import type { Publishing } from '../../dist/publish/publishing.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { HostedGroups } from '../../dist/subscribers/hosted-groups.js';
import type { GroupDescription } from '../../dist/subscribers/load-subscribers.js';
import { describeGroups } from '../../dist/subscribers/load-subscribers.js';
import type { RuntimeSeed, ThreadContext } from '../../dist/thread-context.js';
import { threadContext } from '../../dist/thread-context.js';
import { Lifetime, asBystander, lives, plainAtomics, quietly } from './mortal-memory.ts';

/** A group of the shard. */
export interface MortalGroup {
  readonly pattern?: 'placed' | 'noted';
  /** Of a batch, the first event says it. */
  readonly isAsync: (id: number) => boolean;
  /** Most events of a batch, for a handler of batches. */
  readonly batch?: number;
  /** Is asked for every event by the group's `where`, which wants it; kills the thread there. */
  readonly killsAsked?: (id: number) => boolean;
  /** Has a circuit breaker, which drops while it is open. */
  readonly hasBreaker?: boolean;
  /** Runs in the handler. */
  readonly extra?: (id: number, ctx: HandlerContext) => void;
  /** Kills the thread in the handler. */
  readonly kills?: (id: number) => boolean;
  /** Kills the thread when the promise settles. */
  readonly killsLater?: (id: number) => boolean;
  /** Fails an attempt: throws, or rejects where the group is asynchronous. Of a batch, all of it. */
  readonly fails?: (id: number, attempt: number) => boolean;
  /** Ends a delivery for good; of an asynchronous group too. */
  readonly givesUp?: (id: number) => boolean;
  /** Lets later events of a key overtake one that failed. */
  readonly continues?: boolean;
  readonly delivery?: DeliveryMode;
}

/** Shape of a test. */
export interface MortalOptions {
  readonly groups: readonly MortalGroup[];
  /** Events; event `id` has key `id % keys`. */
  readonly events: number;
  readonly keys: number;
  readonly slots?: number;
  readonly bayBytes?: number;
  readonly position?: number;
  /** True to wait for the answer of each event. */
  readonly answers?: boolean;
  /** True to publish each event twice, for groups that drop the repeat. */
  readonly repeats?: boolean;
}

/** What the log needs of an event. */
interface Handled {
  readonly data: { readonly id: number };
  readonly attempt: number;
}

/** What a group counted. */
interface Counts {
  readonly delivered: number;
  readonly deadLettered: number;
  readonly dropped: Readonly<Record<(typeof DROP_REASONS)[number], number>>;
}

interface Open {
  readonly group: number;
  readonly id: number;
  readonly settle: () => void;
}

/** One for all: what its stack costs to be written as text would be most of the test. */
const GIVEN_UP = new NonRetryableError('given up');
const SHARD = 1;
const PASSES_MAX = 20_000;
const ATTEMPTS_MAX = 100;
const LANE = { capacityBytes: 4096 };
const options = { budgetUs: 1e9, wait: 'async', looksMax: 0 } as const;
const log = pino({ enabled: false });
const events = defineEvents({
  placed: { schema: z.object({ id: z.int(), key: z.int() }), codec: 'struct', key: (order) => order.key },
  noted: { schema: z.object({ id: z.int() }), codec: 'struct' },
});
const config = parseConfig({
  shards: 1,
  lanes: { critical: LANE, high: LANE, normal: LANE, low: LANE },
  mesh: LANE,
  // Enough credit for all events of a test beside what is kept for higher priorities.
  bay: { slots: 96, bytes: 16_384 },
  recordBytesMax: 1024,
  dedupe: { events: 8 },
  // What is left of a dead generation must not act on real time.
  handlers: { timeoutMs: 0 },
  retry: { maxAttempts: ATTEMPTS_MAX, backoff: 'fixed', initialMs: 0, jitter: 'none', budget: { perSecondMin: 1_000_000 } },
});

/** One runtime. */
export class MortalShard {
  readonly log: { readonly group: number; readonly id: number; readonly attempt: number; readonly generation: number }[] = [];
  deaths = 0;
  /** Dead letters as they came; each is taken out of the store at once, so that one that comes twice is here twice. */
  readonly letters: { readonly id: string; readonly group: string; readonly reason: string; readonly error: string }[] = [];
  /** Answers that came, and errors. */
  readonly answers: Promise<unknown>[] = [];

  private readonly options: MortalOptions;
  private readonly seed: RuntimeSeed;
  private readonly mainContext: ThreadContext;
  private readonly main: Publishing;
  private readonly mainConsumer: Consumer;
  private readonly desk: LetterDesk;
  private readonly subscribers: readonly Subscriber[];
  private readonly hosted: readonly GroupDescription[];
  private readonly slots: Int32Array;
  private lifetime: Lifetime | undefined;
  private open: Open[] = [];
  /** Deliveries beyond one per event that deaths and failures account for. */
  private duplicatesMax = 0;

  constructor(mortal: MortalOptions) {
    this.options = mortal;
    const plan = planMemory({
      shards: 1,
      laneBytes: [4096, 4096, 4096, 4096],
      meshLaneBytes: 4096,
      baySlots: mortal.slots ?? 64,
      bayBytes: mortal.bayBytes ?? 16_384,
      repeatsMax: 8,
    });
    const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
    this.seed = { ...fixed, config, plan, memory: allocateMemory(plan), eventsHash: events.hash, types: ['noted', 'placed'] };
    createPartitionTable(plan, this.seed.memory, 1);
    if (mortal.position !== undefined) setPositions(plan, this.seed.memory, mortal.position);
    this.slots = bayWords(plan, this.seed.memory, SHARD).slots;
    this.mainContext = threadContext(this.seed, 0, { atomics: plainAtomics });
    this.subscribers = mortal.groups.map((group, index) => this.subscriberOf(group, index));
    this.hosted = describeGroups(this.subscribers);
    [this.main, this.mainConsumer, this.desk] = quietly(() => {
      const main = publishing(this.mainContext, this.hosted);
      const desk = new LetterDesk(this.mainContext, main.system, log);
      desk.hosted = this.hosted;
      const consumer = new Consumer(this.mainContext, main, main, options, desk);
      consumer.start(0);
      // What the shard does when it starts; here it starts only after all is published.
      const windows = openCreditWindows(threadContext(this.seed, SHARD, { atomics: plainAtomics }), this.hosted.length);
      for (const window of windows) window.grant();
      for (let id = 0; id < mortal.events; id++) this.publish(main, id);
      return [main, consumer, desk];
    });
  }

  /** Lives one generation until everything has settled, or until it dies; true when it lived. */
  live(actsMax = Number.POSITIVE_INFINITY, settleAt = 0): boolean {
    const lifetime = new Lifetime(actsMax);
    this.lifetime = lifetime;
    this.open = [];
    if (lives(lifetime, () => this.work(lifetime, settleAt))) return true;
    this.deaths++;
    const live = this.slots.filter((state, word) => word % BAY_SLOT_WORDS === 0 && isLive(state)).length;
    this.duplicatesMax += 1 + live;
    chargeDeath(this.mainContext, SHARD);
    // The main thread takes what came before the successor sends it again, or together with that.
    if (this.deaths % 2 === 1) quietly(() => this.mainWorks());
    return false;
  }

  /** Opens the breaker of the one group that has one. */
  openBreaker(): void {
    const base = (this.seed.plan.threads[SHARD]?.breakers ?? 0) >> 2;
    asBystander(() => new BreakerBoard(plainAtomics, this.mainContext.control, [base]).set(GateMode.shut, 0, true));
  }

  /** What a group counted. */
  counted(group: number): Counts {
    const base = ((this.seed.plan.threads[SHARD]?.groupCells ?? 0) >> 2) + group * GROUP_CELLS * 2;
    const cell = (which: number): number => readCell(this.mainContext.control, base + which * 2);
    return {
      delivered: cell(GroupCell.delivered),
      deadLettered: cell(GroupCell.deadLettered),
      dropped: Object.fromEntries(
        DROP_REASONS.map((reason, index) => [reason, cell(GroupCell.dropped + index)]),
      ) as Counts['dropped'],
    };
  }

  /** Most deaths that any delivery of the bay is charged with. */
  charges(): number {
    let most = 0;
    for (let base = 0; base < this.slots.length; base += BAY_SLOT_WORDS) {
      if (isLive(this.slots[base] as number)) most = Math.max(most, this.slots[base + SlotWord.crashes] as number);
    }
    return most;
  }

  /** Deaths that each delivery of the bay is charged with, by step. */
  chargesByStep(): Readonly<Record<number, readonly number[]>> {
    const charges: Record<number, number[]> = {};
    for (let base = 0; base < this.slots.length; base += BAY_SLOT_WORDS) {
      if (!isLive(this.slots[base] as number)) continue;
      (charges[this.slots[base + SlotWord.step] as number] ??= []).push(this.slots[base + SlotWord.crashes] as number);
    }
    return charges;
  }

  /** What a supervisor finds the shard in: type, group and number of the call; undefined when it is in no handler. */
  foundIn(): (HandlerName & { readonly run: number }) | undefined {
    return asBystander(() => {
      const words = new ControlWords(this.mainContext);
      const handlers = new RunningHandlers(this.mainContext, words, this.hosted);
      const running = handlers.of(SHARD, 0);
      return running && { ...handlers.name(SHARD, running), run: running.run };
    });
  }

  /** Events of a type that were published, by both threads. */
  published(name: 'placed' | 'noted'): number {
    const cell = this.main.types.byName.get(name)?.cell ?? 0;
    const { control } = this.mainContext;
    return this.seed.plan.threads.reduce((sum, { typeCells }) => sum + readCell(control, (typeCells >> 2) + cell * 2), 0);
  }

  /** Throws unless nothing was lost, all is counted once, keys are in order, and only deaths repeated anything. */
  check(): void {
    for (const [index, { pattern = 'placed', delivery = 'reliable' }] of this.options.groups.entries()) {
      const counts = this.counted(index);
      const { delivered, deadLettered, dropped } = counts;
      const published = this.published(pattern);
      const settled = Object.values(dropped).reduce((sum, count) => sum + count, delivered + deadLettered);
      must(settled === published, `group ${index} counted ${JSON.stringify(counts)} of ${published}`);
      // That none of them was handled twice is seen in the log.
      const repeats = this.options.repeats === true ? this.options.events : 0;
      must(dropped.duplicate === repeats, `group ${index}: ${dropped.duplicate} repeats`);
      if (delivery !== 'reliable') this.checkMode(index, delivery, counts);
      else if (pattern === 'placed') this.checkGroup(index, deadLettered);
    }
    const placed = this.options.groups.filter(({ pattern }) => pattern !== 'noted');
    const handled = this.log.filter(({ group }) => this.options.groups[group]?.pattern !== 'noted').length;
    must(
      handled - placed.length * this.options.events <= this.duplicatesMax,
      `${handled} deliveries after ${this.deaths} deaths`,
    );
    this.checkCredit();
    this.checkLetters();
    must(!this.slots.some((state, word) => word % BAY_SLOT_WORDS === 0 && isLive(state)), 'the bay is not empty');
  }

  /** Ends all waits. */
  close(): void {
    this.main.sends.close();
  }

  /** Every delivery that ended without success left one letter, however often the shard died about it. */
  private checkLetters(): void {
    must(new Set(this.letters.map(({ id }) => id)).size === this.letters.length, 'a letter came twice');
    for (const index of this.options.groups.keys()) {
      const came = this.letters.filter(({ group }) => group === `group ${index}`).length;
      const { deadLettered } = this.counted(index);
      must(came === deadLettered, `group ${index}: ${came} letters of ${deadLettered} that ended without success`);
    }
  }

  /** Every unit that was charged was returned, whoever died in between. */
  private checkCredit(): void {
    const { control } = this.mainContext;
    for (const producer of [0, SHARD]) {
      const base = creditIndex(this.seed.plan, producer, SHARD);
      for (const [group] of this.options.groups.entries()) {
        const charged = control[base + CreditWord.published + group];
        const returned = control[base + CreditWord.returned + group];
        must(charged === returned, `producer ${producer}, group ${group}: ${charged} units charged, ${returned} returned`);
      }
    }
  }

  private checkMode(group: number, mode: DeliveryMode, { delivered, dropped }: Counts): void {
    const seen = this.log.filter((one) => one.group === group);
    const ids = Array.from({ length: this.options.events }, (_, id) => id);
    const orderOf = (key: number): number[] => seen.filter(({ id }) => id % this.options.keys === key).map(({ id }) => id);
    for (let key = 0; key < this.options.keys; key++) {
      const order = orderOf(key);
      must(
        order.every((id, index) => id >= (order[index - 1] ?? 0)),
        `group ${group}: events ${order.join()} of key ${key}`,
      );
      // Whatever came in between: the last one of a key is handled.
      if (mode === 'latest-only')
        must(order.at(-1) === ids.findLast((id) => id % this.options.keys === key), `key ${key} is old`);
    }
    if (mode === 'latest-only') return must(dropped.lost + dropped.failed === 0, `group ${group} lost events`);
    must(new Set(seen.map(({ id }) => id)).size === seen.length, `group ${group} got an event twice`);
    must(
      seen.every(({ attempt }) => attempt === 1),
      `group ${group} got an event again`,
    );
    must(dropped.lost <= this.duplicatesMax, `group ${group} lost ${dropped.lost} events at ${this.deaths} deaths`);
    must(seen.length >= delivered + dropped.failed, `group ${group} counted more than it got`);
  }

  private checkGroup(group: number, deadLettered: number): void {
    const last = new Map<number, number>();
    const attempts = new Map<number, number>();
    const batched = this.options.groups[group]?.batch !== undefined;
    for (const { id, attempt, generation } of this.log.filter((one) => one.group === group)) {
      const key = id % this.options.keys;
      must(attempt > (attempts.get(id) ?? 0), `group ${group}: attempt ${attempt} of event ${id} after ${attempts.get(id)}`);
      attempts.set(id, attempt);
      if (this.options.groups[group]?.continues === true) continue;
      // A death or a failure repeats its batch from the start: in order within each generation and attempt, and none is skipped.
      const since = batched ? key + (generation * ATTEMPTS_MAX + attempt) * this.options.keys : key;
      must(id >= (last.get(since) ?? 0), `group ${group}: event ${id} after ${last.get(since)}`);
      must(
        id < this.options.keys || attempts.has(id - this.options.keys),
        `group ${group}: event ${id} came before its predecessor`,
      );
      last.set(since, id);
    }
    if (deadLettered === 0) must(attempts.size === this.options.events, `group ${group} saw ${attempts.size} events`);
  }

  private work(lifetime: Lifetime, settleAt: number): void {
    const context = threadContext(this.seed, SHARD, { atomics: plainAtomics });
    const own = publishing(context, this.hosted);
    const consumer = new Consumer(context, own, own, options);
    // Creating the groups subscribes them.
    const loaded = { subscribers: this.subscribers, modules: [], registry: undefined, hash: 0 };
    void new HostedGroups(context, consumer, loaded, log);
    consumer.start(this.subscribers.length);
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      consumer.beginTurn();
      const done = consumer.work();
      const answered = asBystander(() => this.mainWorks());
      if (done > 0 || answered > 0) continue;
      if (this.settle(lifetime, settleAt)) continue;
      must(done === 0, 'stalled with no delivery in flight: nothing will ever wake this thread');
      if (!consumer.hasWork()) return;
    }
    throw new Error('the shard works for ever');
  }

  private mainWorks(): number {
    this.mainConsumer.beginTurn();
    const worked = this.mainConsumer.work();
    this.takeLetters();
    return worked;
  }

  private takeLetters(): void {
    for (const { id, group, reason, error } of this.desk.store.all()) {
      this.letters.push({ id, group, reason, error });
      this.desk.store.remove(id, 'purged');
    }
  }

  private settle(lifetime: Lifetime, settleAt: number): boolean {
    const [one] = this.open.splice(Math.min(settleAt, Math.max(0, this.open.length - 1)), 1);
    if (one === undefined) return false;
    if (this.options.groups[one.group]?.killsLater?.(one.id) === true) lifetime.end();
    one.settle();
    return true;
  }

  private publish(main: Publishing, id: number): void {
    const data = { id, key: id % this.options.keys };
    if (this.options.repeats === true) {
      for (let time = 0; time < 2; time++) {
        const outcome = main.publisher.publish('placed', data, { dedupeKey: String(id) });
        must(outcome.accepted, 'the lane is too small');
      }
    } else if (this.options.answers !== true) must(main.publisher.publish('placed', data).accepted, 'the lane is too small');
    else this.answers.push(main.sends.send('placed', data, { until: 'handled', timeoutMs: 2 ** 31 - 1 }));
  }

  private subscriberOf(group: MortalGroup, index: number): Subscriber {
    const retry = { ordering: group.continues === true ? 'continue' : 'block-key' } as const;
    const dedupe = this.options.repeats === true;
    const { delivery = 'reliable' } = group;
    const common = {
      events,
      pattern: group.pattern ?? 'placed',
      group: `group ${index}`,
      delivery,
      dedupe,
      ...(group.killsAsked !== undefined && { where: (event: Handled) => this.asked(group, event) }),
      ...(group.hasBreaker === true && { breaker: { onOpen: 'drop' } as const }),
      ...(delivery !== 'best-effort' && { retry }),
    } as const;
    if (group.batch === undefined) {
      return subscriber({
        ...common,
        handle: (event, ctx) => {
          this.begin(group, index, event, ctx);
          return this.result(group, index, [event]);
        },
      });
    }
    return subscriber({
      ...common,
      batch: { size: group.batch },
      handleBatch: (batch, ctx) => {
        for (const event of batch) this.begin(group, index, event, ctx.of(event));
        return this.result(group, index, batch);
      },
    });
  }

  private asked(group: MortalGroup, { data }: Handled): true {
    if (group.killsAsked?.(data.id) === true) this.lifetime?.end();
    return true;
  }

  private begin(group: MortalGroup, index: number, event: Handled, ctx: HandlerContext): void {
    const { id } = event.data;
    this.lifetime?.act();
    this.log.push({ group: index, id, attempt: event.attempt, generation: this.deaths });
    group.extra?.(id, ctx);
    this.lifetime?.act();
    if (group.kills?.(id) === true) this.lifetime?.end();
  }

  private result(group: MortalGroup, index: number, handled: readonly Handled[]): unknown {
    const ids = handled.map(({ data }) => data.id);
    const [first = 0] = ids;
    const fails = handled.some(({ data, attempt }) => group.fails?.(data.id, attempt) === true);
    const givesUp = handled.some(({ data }) => group.givesUp?.(data.id) === true);
    const failure = givesUp ? GIVEN_UP : fails ? new Error('failed') : undefined;
    if (fails) this.duplicatesMax += handled.length;
    if (!group.isAsync(first)) {
      if (failure !== undefined) throw failure;
      return undefined;
    }
    const id = ids.find((one) => group.killsLater?.(one) === true) ?? first;
    return {
      // A promise that settles when the test says so, and not in a turn of the event loop.
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolve: () => void, reject: (error: unknown) => void) =>
        this.open.push({ group: index, id, settle: failure === undefined ? resolve : () => reject(failure) }),
    };
  }
}

function publishing(context: ThreadContext, hosted: readonly GroupDescription[]): Publishing {
  const created = createPublishing(context, events);
  created.types.route(new RouteTable(hosted, []).routeOf);
  return created;
}

function isLive(state: number): boolean {
  return state === SlotState.waiting || state === SlotState.running;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
