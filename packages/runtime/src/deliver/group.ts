/**
 * A subscriber group as one consumer thread runs it: its handler, its counters, and the chains of keys that wait.
 * Thread: the consumer's.
 */
import { FLAG_ONE_GROUP } from '@ringmain/codec';
import type { RingmainEvent } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES, settlementOf } from '@ringmain/core';
import { CELL_BYTES, DROP_REASONS, GROUP_CELLS, GroupCell, HISTOGRAM_BYTES, recordLatency } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { RetryOptions } from '../retry-options.ts';
import type { BatchBounds, Subscriber } from '../subscriber.ts';
import type { BreakerGate } from './breaker-gate.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { DeliveryScope } from './delivery-scope.ts';
import type { Gate } from './gate.ts';
import type { DeliveredEvent } from './delivered-event.ts';
import type { KeyChains } from './key-chains.ts';
import { RepeatFilter } from './repeat-filter.ts';
import { groupMark } from '../group-mark.ts';
import type { RuntimeSeed, ThreadContext } from '../thread-context.ts';

/** Retries of one group, with all defaults filled in. */
export type GroupRetry = Required<Omit<RetryOptions, 'retryIf' | 'deadLetterAfterMs'>> &
  Pick<RetryOptions, 'retryIf' | 'deadLetterAfterMs'>;

const CELL_WORDS = CELL_BYTES / 4;

/** One group in one thread. */
export class Group {
  readonly id: number;
  readonly name: string;
  readonly shard: number;
  /** Names the group in records that are for it alone. */
  readonly mark: number;
  readonly log: Logger;
  /** What all deliveries of the thread share. */
  readonly scope: DeliveryScope;
  readonly levelMax: number;
  /** What the group wants; see `declined` for what becomes of the others. */
  readonly where: ((event: RingmainEvent) => boolean) | undefined;
  /** Recognises repeats; undefined where nothing does. */
  readonly repeats: RepeatFilter | undefined;
  readonly handle: Subscriber['handle'];
  /** Set where deliveries are handed over in batches, to `handleBatch` in place of `handle`. */
  readonly batch: BatchBounds | undefined;
  readonly handleBatch: Subscriber['handleBatch'];
  /** Word indexes of the group's cells in the control buffer. */
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly redelivered: number;
  readonly retried: number;
  readonly offered: number;
  readonly shed: number;
  readonly broken: number;
  readonly duplicate: number;
  readonly superseded: number;
  readonly failed: number;
  readonly lost: number;
  /** What waits because of its key; the subscribers of one group have it in common. */
  readonly chains: KeyChains;
  /** True where other subscribers of the group have deliveries in the same chains. */
  readonly sharesChains: boolean;
  /** Permits of its handlers; undefined where nothing but the bay bounds them. */
  readonly bulkhead: Bulkhead | undefined;
  /** Lets its handler be called or not; undefined where nothing does. */
  readonly breaker: BreakerGate | undefined;
  /** Whose handler is called for an event of a type in place of this one's while the breaker is open. */
  fallback: ((type: string) => Group) | undefined;
  /** True where each event begins once at most, and leaves no dead letter. */
  readonly isBestEffort: boolean;
  /** True where of each key only the latest event is kept waiting. */
  readonly isLatest: boolean;
  /** True where deliveries are gathered in the bay before they begin. */
  readonly gathers: boolean;
  /** True where its handlers run in threads of its own. */
  readonly isIsolated: boolean;
  /** True where every event of every priority is for its handler at once: nothing gathers, declines or shuts. */
  readonly isPlain: boolean;
  /** True where deliveries may be dropped rather than wait. */
  readonly sheds: boolean;
  /** True where subscriptions change at run time, so that only the consumer knows what was meant for the group. */
  readonly countsOffers: boolean;
  /** Deliveries in the bay, and the one whose handler runs. */
  open = 0;
  /** What `setup` returned. */
  state: unknown;

  private readonly seed: Pick<RuntimeSeed, 'config'>;
  private readonly failureIf: Subscriber['failureIf'];
  private readonly ownRetry: RetryOptions;
  private readonly ownTimeoutMs: number | undefined;
  private readonly control: Int32Array;
  private readonly histogram: number;
  private runStamp = 0;
  private runLatencyUs = 0;
  private runCount = 0;

  constructor(
    context: ThreadContext,
    id: number,
    subscriber: Subscriber,
    scope: DeliveryScope,
    log: Logger,
    countsOffers = false,
  ) {
    const regions = context.seed.plan.threads[context.thread];
    if (regions === undefined || id >= LIMITS.groupsMax) throw new Error(`no cells for group ${id} of thread ${context.thread}`);
    const cell = (regions.groupCells >> 2) + id * GROUP_CELLS * CELL_WORDS;
    this.seed = context.seed;
    this.id = id;
    this.name = subscriber.group;
    this.shard = context.thread - 1;
    this.mark = groupMark(subscriber.group);
    this.log = log;
    this.scope = scope;
    this.levelMax = subscriber.levelMax;
    this.repeats = subscriber.dedupe ? new RepeatFilter(context, id) : undefined;
    this.where = this.repeats === undefined ? subscriber.where : this.repeats.around(subscriber.where);
    this.batch = subscriber.batch;
    this.handleBatch = subscriber.handleBatch;
    this.handle = subscriber.handle;
    this.isBestEffort = subscriber.delivery === 'best-effort';
    this.isLatest = subscriber.delivery === 'latest-only';
    this.gathers = this.isLatest || subscriber.batch !== undefined;
    // Subscriptions of the main thread have all of this by themselves, and no breaker, whatever their names.
    const { chains, bulkhead, subscribers } = scope.shares.of(subscriber, id, !countsOffers);
    this.chains = chains;
    this.sharesChains = subscribers > 1;
    this.bulkhead = bulkhead;
    this.breaker = countsOffers ? undefined : scope.breakers.of(subscriber.group);
    this.failureIf = subscriber.failureIf;
    this.isIsolated = subscriber.isolation !== undefined;
    this.sheds = subscriber.whenFull === 'shed';
    this.ownRetry = subscriber.retry;
    this.ownTimeoutMs = subscriber.timeoutMs;
    this.delivered = cell + GroupCell.delivered * CELL_WORDS;
    this.filtered = cell + GroupCell.filtered * CELL_WORDS;
    this.deadLettered = cell + GroupCell.deadLettered * CELL_WORDS;
    this.redelivered = cell + GroupCell.redelivered * CELL_WORDS;
    this.retried = cell + GroupCell.retried * CELL_WORDS;
    this.offered = cell + GroupCell.offered * CELL_WORDS;
    this.shed = cell + (GroupCell.dropped + DROP_REASONS.indexOf('shed')) * CELL_WORDS;
    this.broken = cell + (GroupCell.dropped + DROP_REASONS.indexOf('breaker-open')) * CELL_WORDS;
    this.duplicate = cell + (GroupCell.dropped + DROP_REASONS.indexOf('duplicate')) * CELL_WORDS;
    this.superseded = cell + (GroupCell.dropped + DROP_REASONS.indexOf('superseded')) * CELL_WORDS;
    this.failed = cell + (GroupCell.dropped + DROP_REASONS.indexOf('failed')) * CELL_WORDS;
    this.lost = cell + (GroupCell.dropped + DROP_REASONS.indexOf('lost')) * CELL_WORDS;
    this.countsOffers = countsOffers;
    this.control = context.control;
    this.histogram = (regions.histograms + id * HISTOGRAM_BYTES) >> 2;
    const isGated = this.breaker !== undefined || this.bulkhead !== undefined;
    this.isPlain = !isGated && !this.gathers && this.where === undefined && this.levelMax === PRIORITY_NAMES.length - 1;
  }

  /** The group whose handler is called now: this one, unless its breaker is open and another takes over. */
  targetOf(type: string): Group {
    return this.fallback !== undefined && this.breaker?.isShut === true ? this.fallback(type).targetOf(type) : this;
  }

  /** The record is for another group alone, or this one had no credit at the time of publishing and sheds. */
  isLeftOut(flags: number, skip: number, step: number): boolean {
    return (flags & FLAG_ONE_GROUP) !== 0 ? this.mark !== skip : step < 32 && (skip & (1 << step)) !== 0;
  }

  /** Remembers an event that was handled, where the group recognises repeats. */
  remember(event: DeliveredEvent): void {
    if (this.repeats !== undefined) this.repeats.remember(event);
  }

  /** What becomes of the event that `where` declined last. */
  get declined(): 'filtered' | 'duplicate' {
    return this.repeats?.hasFound === true ? 'duplicate' : 'filtered';
  }

  /** The breakers that were open on the way to a target; what waits for its handler waits for theirs too. */
  breakersBefore(target: Group, type: string): BreakerGate[] {
    const { fallback, breaker } = this;
    if (this === target || fallback === undefined || breaker === undefined) return [];
    return [breaker, ...fallback(type).breakersBefore(target, type)];
  }

  /** What keeps the handler from being called; undefined when nothing does. */
  get shutGate(): Gate | undefined {
    if (this.breaker?.isShut === true) return this.breaker;
    return this.bulkhead?.isShut === true ? this.bulkhead : undefined;
  }

  /** Tells whether what an attempt failed with is a failure of what the handler depends on. Never throws. */
  isFailure(error: unknown): boolean {
    if (settlementOf(error)?.kind === 'skip') return false;
    try {
      return this.failureIf?.(error) !== false;
    } catch (fault) {
      this.scope.failures.failed(this, '', 'failureIf', fault);
      return true;
    }
  }

  /** What happens when the handler fails: the subscriber's own options over the configured ones, which may change. */
  get retry(): GroupRetry {
    return { ...this.seed.config.retry, ...this.ownRetry };
  }

  /** How long a handler may take once it has returned a promise, in milliseconds; 0 for as long as it likes. */
  get timeoutMs(): number {
    return this.ownTimeoutMs ?? this.seed.config.handlers.timeoutMs;
  }

  /**
   * Records the latency of one delivery. Deliveries with the same publish stamp and clock reading are counted together.
   *
   * @param stamp - low word of the publish time
   * @param nowUs - low word of the present time
   */
  latency(stamp: number, nowUs: number): void {
    const latencyUs = (nowUs - stamp) | 0;
    if (stamp === this.runStamp && latencyUs === this.runLatencyUs) {
      this.runCount++;
      return;
    }
    this.flushLatency();
    this.runStamp = stamp;
    this.runLatencyUs = latencyUs;
    this.runCount = 1;
  }

  /** Writes what {@link Group.latency} still holds back; called when the thread runs out of work. */
  flushLatency(): void {
    if (this.runCount === 0) return;
    recordLatency(this.control, this.histogram, this.runLatencyUs, this.runCount);
    this.runCount = 0;
  }
}
