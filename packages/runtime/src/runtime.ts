/**
 * The runtime as its user holds it: publish, send, subscribe, drain, close.
 * Thread: main. This is the hall between the rooms: it owns the main room and the link to the coordinator, and neither knows the other.
 */
import type { WritableStream } from 'node:stream/web';
import type { EventOf, PublishOutcome, RingmainEvent, SendOutcome } from '@ringmain/core';
import { RingmainError } from '@ringmain/core';
import { announce } from './announce.ts';
import type { BreakerHandle } from './breaker-handle.ts';
import { breakerHandle } from './breaker-handle.ts';
import { timeoutOf } from './check-timeout.ts';
import { RuntimeClosing, endPublishing } from './close-runtime.ts';
import type { RuntimeConfig } from './config/config-schema.ts';
import type { ConfigSource } from './config/read-config.ts';
import { HealthMonitor } from './health/health-monitor.ts';
import type { RuntimeHealth, RuntimePhase } from './health/health-report.ts';
import { KeepAlive } from './keep-alive.ts';
import type { DeadLetters } from './letters/dead-letters.ts';
import { deadLettersOf } from './letters/dead-letters-of.ts';
import type { MetricsSnapshot } from './metrics/snapshot.ts';
import { readMetrics } from './metrics/read-metrics.ts';
import { notSettled, untilQuiet } from './metrics/until-quiet.ts';
import type { SystemEvents, SystemNoticeName } from './events/system-events.ts';
import type { Batcher, BatcherOptions } from './publish/batcher.ts';
import { Batchers } from './publish/batchers.ts';
import { checkEntries } from './publish/check-options.ts';
import { writableOf } from './publish/event-stream.ts';
import type { BatchEntry, PublishOptions, ReadyOptions, SendOptions, WritableOptions } from './publish/options.ts';
import type { Publisher } from './publish/publisher.ts';
import { untilReady } from './publish/until-ready.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { ReloadReport } from './reload-config.ts';
import { reloadConfig } from './reload-config.ts';
import { resizeShards } from './resize-shards.ts';
import { restartShard } from './restart-shard.ts';
import type { CloseReport, ResizeReport, Subscription } from './runtime-results.ts';
import type { HandlerContext } from './handler-context.ts';
import type { SubscribeOptions } from './subscribe-options.ts';
import { subscribeOnMain } from './subscribe-on-main.ts';

type Name<Events> = keyof Events & string;

/** A running ringmain. `Events` maps event names to payload types. */
export class Runtime<Events = Record<string, unknown>> {
  private readonly parts: RuntimeParts;
  private readonly publisher: Publisher;
  private readonly batchers: Batchers;
  private phase: RuntimePhase = 'running';
  private closing: Promise<CloseReport> | undefined;
  private failure: RingmainError | undefined;
  private readonly startedUs: number;
  private readonly keepAlive: KeepAlive;
  /** Deliveries that ended without success. */ readonly deadLetters: DeadLetters;
  private readonly closer: RuntimeClosing;
  /** @internal */ readonly monitor: HealthMonitor;

  /** @internal Use `createRuntime`. */
  constructor(parts: RuntimeParts) {
    this.parts = parts;
    this.publisher = parts.room.publishing.publisher;
    this.batchers = new Batchers(parts.context, parts.room.publishing);
    this.startedUs = parts.context.clock.monotonicUs();
    this.keepAlive = new KeepAlive(parts.coordinator);
    this.deadLetters = deadLettersOf(parts, this.refused);
    this.closer = this.newClosing();
    this.monitor = new HealthMonitor(parts.context, parts.room, { phase: () => this.phase, failure: () => this.failure });
    this.ref();
  }

  /** The effective configuration, every default filled in. */
  get config(): RuntimeConfig {
    return this.parts.context.seed.config;
  }

  /**
   * Publishes one event, synchronously.
   *
   * @remarks No promise, and no allocation on success. The event is visible to its shard when this returns.
   * @returns `accepted` with the number of target threads, or `rejected` with the state of the full lane
   * @throws {@link RingmainError} for what could never be accepted: `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_PAYLOAD_INVALID`,
   * `RINGMAIN_PAYLOAD_TOO_LARGE`, `RINGMAIN_KEY_INVALID`, `RINGMAIN_PRIORITY_INVALID`, `RINGMAIN_OPTION_INVALID`, `RINGMAIN_CLOSED`, …
   */
  publish<Type extends Name<Events>>(type: Type, data: Events[Type], options?: PublishOptions): PublishOutcome {
    if (this.phase !== 'running') throw this.refusal();
    return this.publisher.publish(type, data, options);
  }

  /**
   * Publishes several events: all or none of them, in order.
   *
   * @returns one outcome for the batch; `targets` is 1 if any event has a subscriber
   * @throws what {@link Runtime.publish} throws; nothing of the batch is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome {
    if (this.phase !== 'running') throw this.refusal();
    checkEntries(entries);
    return this.publisher.publishBatch(entries);
  }

  /**
   * Gathers events of one type and publishes them as batches: when one is full, and `maxDelayMs` after its first event.
   *
   * @remarks Events are encoded when they are added. `drain`, `flush` and `close` publish what is gathered.
   * @param options - bounds of a batch, and what every event is published with
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_CLOSED`
   */
  batcher<Type extends Name<Events>>(type: Type, options: BatcherOptions = {}): Batcher<Events[Type]> {
    this.refuse();
    return this.batchers.create<Events[Type]>(type, options, this.refuse);
  }

  /**
   * Publishes one event and waits for room, or until every matching group has handled it. The data is encoded when it is accepted, not before.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_QUEUE_FULL`, `RINGMAIN_DELIVERY_TIMEOUT`, `RINGMAIN_DELIVERY_FAILED`,
   * `RINGMAIN_ABORTED`, `RINGMAIN_CLOSED`, and what {@link Runtime.publish} throws
   */
  send<Type extends Name<Events>>(type: Type, data: Events[Type], options?: SendOptions): Promise<SendOutcome> {
    if (this.phase !== 'running') return Promise.reject(this.refusal());
    return this.parts.room.publishing.sends.send(type, data, options, 'user');
  }

  /**
   * Resolves when it is worth publishing again: at once if nothing was refused; else when a lane that refused is at most half full again, a
   * group has credit again, or the time that a refusal named is over. Try again then.
   *
   * @param type - waits for what events of this type were refused by, and for nothing else
   * @throws (rejects) {@link RingmainError} `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_TOPIC_INVALID`, `RINGMAIN_PRIORITY_INVALID`,
   * `RINGMAIN_OPTION_INVALID`, `RINGMAIN_ABORTED`, `RINGMAIN_CLOSED`, or why the runtime failed
   */
  ready(type?: Name<Events>, options: ReadyOptions = {}): Promise<void> {
    const { room } = this.parts;
    return untilReady({ publishing: room.publishing, look: () => room.consumer.kick(), refusal: this.refused }, type, options);
  }

  /**
   * A Web stream that publishes what is written to it. A write ends when the event is accepted, so `pipeTo` and writers that await `ready` go
   * as fast as the groups do. Its policy for a full lane is to wait, whatever the configuration says.
   *
   * @param options - what every event is published with; `signal` ends the stream
   * @throws {@link RingmainError} `RINGMAIN_CLOSED`; a write errors the stream with what `send` rejects with, except for want of room. A write that
   * is aborted rejects with `RINGMAIN_ABORTED`; its event was not published
   */
  writable<Type extends Name<Events>>(type: Type, options: WritableOptions = {}): WritableStream<Events[Type]> {
    this.refuse();
    return writableOf<Events[Type]>(this.publisher, type, options, this.refuse, (waits) => this.ready(type, waits));
  }

  /**
   * Subscribes on the main thread.
   *
   * @param pattern - a topic pattern, or several
   * @throws {@link RingmainError} `RINGMAIN_PATTERN_INVALID`, `RINGMAIN_SUBSCRIBER_INVALID`, `RINGMAIN_OPTION_INVALID`, `RINGMAIN_LIMIT_EXCEEDED`,
   * `RINGMAIN_CLOSED`
   */
  subscribe<const Name extends SystemNoticeName>(
    pattern: Name,
    handle: (event: RingmainEvent<Name, SystemEvents[Name]>, ctx: HandlerContext<undefined>) => unknown,
    options?: SubscribeOptions<RingmainEvent<Name, SystemEvents[Name]>>,
  ): Subscription;
  /** Subscribes to events of the registry. */
  subscribe<const Pattern extends string>(
    pattern: Pattern | readonly Pattern[],
    handle: (event: EventOf<Events, Pattern>, ctx: HandlerContext<undefined>) => unknown,
    options?: SubscribeOptions<EventOf<Events, Pattern>>,
  ): Subscription;
  subscribe(
    pattern: string | readonly string[],
    handle: (event: never, ctx: never) => unknown,
    options: SubscribeOptions<never> = {},
  ): Subscription {
    if (this.phase !== 'running') throw this.refusal();
    return subscribeOnMain(
      this.parts,
      { pattern, handle, options },
      () => announce(this.parts),
      () => this.phase === 'closed',
    );
  }

  /**
   * Publishes what batchers gathered, as far as there is room, and resolves when no `send` waits for room any more. What `publish` accepted is visible
   * to its shard already. Closing ends the sends that wait, and so this.
   *
   * @throws (rejects) {@link RingmainError} why the runtime failed
   */
  async flush(): Promise<void> {
    if (this.phase === 'running') this.batchers.flush();
    await this.parts.room.publishing.sends.flushed();
    if (this.failure !== undefined) throw this.failure;
  }

  /**
   * Resolves when everything accepted has settled, in all threads, what handlers published included.
   *
   * @param options.timeoutMs - @defaultValue `shutdownMs` of the configuration
   * @throws (rejects) {@link RingmainError} `RINGMAIN_DELIVERY_TIMEOUT` with what is still in flight, or why the runtime failed;
   * `RINGMAIN_OPTION_INVALID`, `RINGMAIN_CLOSED` when the runtime closed and left something
   */
  async drain(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const timeoutMs = timeoutOf(options, this.config.shutdownMs);
    if (await this.quiet(timeoutMs)) return;
    if (this.failure !== undefined || this.phase === 'closed') throw this.refusal();
    throw notSettled(this.metrics().conservation.inFlight, timeoutMs);
  }

  /**
   * Stops taking events, waits until everything accepted has settled, and ends all threads. A second call joins the first.
   *
   * @param options.timeoutMs - how long to wait for deliveries; @defaultValue `shutdownMs` of the configuration
   * @returns what was delivered, and what was not
   * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`; the runtime stays open then
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<CloseReport> {
    const timeoutMs = timeoutOf(options, this.config.shutdownMs);
    return (this.closing ??= this.shutDown(timeoutMs));
  }

  /** @internal Has a close that is under way wait for nothing any more. */
  hurry(): void {
    this.closer.hurry();
  }

  /** Same as {@link Runtime.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Has the runtime keep the process alive; it does from the start, and no longer once it has closed. */
  ref(): void {
    if (this.phase !== 'closed') this.keepAlive.ref();
  }

  /** Lets the process end although the runtime is open. What was accepted and not handled is lost then. */
  unref(): void {
    this.keepAlive.unref();
  }

  /** Reads all figures out of shared memory; asks no thread, so it answers also while shards hang. */
  metrics(): MetricsSnapshot {
    return readMetrics(this.parts, this.monitor.latest());
  }

  /** How the runtime is doing, for probes. Asks no thread, so it answers also while shards hang. */
  health(): RuntimeHealth {
    return this.monitor.report();
  }

  /**
   * Ends the thread of a shard as a crash would; its successor takes over and nothing accepted is lost.
   *
   * @param index - shard, from 0
   * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_CONTROL_TIMEOUT`, `RINGMAIN_CLOSED`, or why the runtime failed
   */
  async restartShard(index: number): Promise<void> {
    if (this.phase === 'failed' || this.phase === 'closed') throw this.refusal();
    return this.keepAlive.during(() => restartShard(this.parts, index));
  }

  /**
   * The circuit breaker of a group of the subscriber modules.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for a group that has none
   */
  breaker(group: string): BreakerHandle {
    return breakerHandle(this.parts, group);
  }

  /**
   * Changes the number of shards, from 1 to `shardsMax`, while events go on. The partitions of each have `timeoutMs` (`resizeTimeoutMs`) to move.
   *
   * @throws (rejects) {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_RESIZE_ACTIVE`, `RINGMAIN_RESIZE_TIMEOUT` (what did not move stays),
   * what starting a shard throws, `RINGMAIN_PEER_EXITED`, `RINGMAIN_CLOSED`
   */
  async resize(shards: number, options: { readonly timeoutMs?: number } = {}): Promise<ResizeReport> {
    if (this.phase !== 'running') throw this.refusal();
    return this.keepAlive.during(() => resizeShards(this.parts, shards, options));
  }

  /**
   * Goes by another configuration from now on, in all threads, without a restart. Which keys may change is said in `docs/configuration.md`.
   *
   * @param config - the whole configuration, as for `createRuntime`: what it does not name has its default
   * @returns what changed, once every thread goes by it
   * @throws (rejects) {@link RingmainError} `RINGMAIN_CONFIG_INVALID`, `RINGMAIN_RESTART_NEEDED` with the paths, and nothing has changed;
   * `RINGMAIN_CONTROL_TIMEOUT` with shards that hang and go by it later; `RINGMAIN_CLOSED`, or why the runtime failed
   */
  async reload(config: ConfigSource): Promise<ReloadReport> {
    if (this.phase !== 'running') throw this.refusal();
    const report = await this.keepAlive.during(() => reloadConfig(this.parts, config));
    if (this.failure !== undefined) throw this.failure;
    return report;
  }

  /** @internal A shard can not be kept alive: nothing more is taken, and every wait ends with the reason. */
  fail(error: RingmainError): void {
    if (this.phase !== 'running' && this.phase !== 'draining') return;
    this.failure = error;
    this.phase = 'failed';
    endPublishing(this.parts, error);
  }

  /** Why the runtime failed, if it did. */
  get failed(): RingmainError | undefined {
    return this.failure;
  }

  private readonly refused = (): RingmainError | undefined => (this.phase === 'running' ? undefined : this.refusal());

  private readonly refuse = (): void => {
    if (this.phase !== 'running') throw this.refusal();
  };

  private refusal(): RingmainError {
    return (
      this.failure ?? new RingmainError('RINGMAIN_CLOSED', `the runtime is ${this.phase}`, { allowed: 'calls before close()' })
    );
  }

  private quiet(timeoutMs: number, gaveUp: () => boolean = () => false): Promise<boolean> {
    const isOver = (): boolean => this.failure !== undefined || this.phase === 'closed' || gaveUp();
    return untilQuiet(this.parts.context, timeoutMs, isOver, () => isOver() || this.batchers.flush());
  }

  private shutDown(timeoutMs: number): Promise<CloseReport> {
    // Whoever waits for the end of an unreferenced runtime must see it.
    this.ref();
    if (this.phase === 'running') this.phase = 'draining';
    return this.closer.run(timeoutMs);
  }

  private newClosing(): RuntimeClosing {
    const { parts, batchers, startedUs } = this;
    return new RuntimeClosing({
      parts,
      batchers,
      startedUs,
      quiet: (timeoutMs, gaveUp) => this.quiet(timeoutMs, gaveUp),
      hasFailed: () => this.failure !== undefined,
      metrics: () => this.metrics(),
      closed: () => {
        this.phase = 'closed';
        this.unref();
      },
    });
  }
}
