/** A runtime without threads that stands in for the real one: a queue of bounded length and counts that add up. */
import type { CloseReport, MetricsSnapshot } from 'ringmain';
import { RingmainError } from '@ringmain/core';
import { parseConfig } from 'ringmain';
import type { RuntimePort } from '../../dist/run/runtime-port.js';

const PRESSURE = { priority: 'normal' as const, depthBytes: 1, capacityBytes: 1, staged: 0, retryAfterMs: 1 };

/** What the fake was asked to publish and accepted. */
export interface Published {
  readonly type: string;
  readonly data: unknown;
  readonly options: unknown;
}

export class FakeRuntime implements RuntimePort {
  readonly config = parseConfig({ shards: 1, shutdownMs: 50 });
  readonly published: Published[] = [];
  failed: RingmainError | undefined;
  closed = 0;
  drains = 0;
  deadLettered = 0;
  /** Deliveries that never settle. */
  stuck = 0;
  waiting: (() => void)[] = [];
  private room: number;
  private readonly capacity: number;
  private readonly refill: boolean;

  /** @param refill - whether room comes back as soon as someone waits for it */
  constructor(capacity = Number.POSITIVE_INFINITY, refill = true) {
    this.capacity = capacity;
    this.room = capacity;
    this.refill = refill;
  }

  publish(type: string, data: unknown, options?: object): ReturnType<RuntimePort['publish']> {
    if (this.failed !== undefined) throw new RingmainError('RINGMAIN_CLOSED', 'publish after failure');
    if (type === 'unknown') throw new RingmainError('RINGMAIN_TOPIC_UNKNOWN', 'no such type');
    if (type === 'explode') throw new RingmainError('RINGMAIN_RECORD_CORRUPT', 'broken memory');
    if (type === 'bug') throw new TypeError('a bug');
    if (type === 'sampled') return { status: 'sampled', accepted: false, ...PRESSURE };
    if (this.room === 0) return { status: 'rejected', accepted: false, reason: 'full', ...PRESSURE };
    this.room -= 1;
    this.published.push({ type, data, options });
    return { status: 'accepted', accepted: true, targets: 1 };
  }

  ready(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.refill) setImmediate(() => this.makeRoom());
    });
  }

  makeRoom(): void {
    this.room = this.capacity;
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  async drain(): Promise<void> {
    this.drains += 1;
    if (this.failed !== undefined) throw this.failed;
    if (this.stuck > 0) throw new RingmainError('RINGMAIN_DELIVERY_TIMEOUT', `${this.stuck} deliveries did not settle`);
  }

  async close(): Promise<CloseReport> {
    this.closed += 1;
    return {
      drained: this.stuck === 0,
      seconds: 1,
      metrics: this.metrics(),
      unpublished: 0,
      deadLetters: 0,
      phases: [],
      abandoned: this.stuck,
    };
  }

  metrics(): MetricsSnapshot {
    const published = this.published.length;
    const delivered = published - this.deadLettered - this.stuck;
    const latencyUs = { count: delivered, p50: 10, p90: 12, p95: 15, p99: 20, max: 25 };
    const counts = {
      published,
      delivered,
      filtered: 0,
      deadLettered: this.deadLettered,
      redelivered: 0,
      retried: 0,
      dropped: {},
      inFlight: this.stuck,
      isolation: 'inline' as const,
      threads: 0,
      threadsLost: 0,
    };
    return {
      uptimeMs: 1000,
      shards: 1,
      restarts: 0,
      spareReady: true,
      recoveryUs: [],
      published,
      unrouted: 0,
      rejected: 0,
      staged: 0,
      criticalCapped: 0,
      servedOutOfTurn: 0,
      degradation: { rung: 0, name: 'normal', pressure: 0 },
      sojournUs: {},
      slowHandlers: 0,
      stuckHandlers: 0,
      partitionMoves: 0,
      movesRolledBack: 0,
      lastMoveMs: null,
      deadLetters: { count: 0, bytes: 0, evicted: 0, expired: 0, purged: 0, redriven: 0, oldestMs: null },
      health: { live: true, ready: true, phase: 'running', reasons: [], shards: [], groups: [] },
      groups: [{ name: 'all', where: 'shard', ...counts, latencyUs }],
      publishers: [],
      lanes: [{ producer: 'main', consumer: 'shard-0', priority: 'normal', depthBytes: 0, capacityBytes: 4096 }],
      conservation: { holds: true, published, accounted: published - this.stuck, inFlight: this.stuck },
    };
  }
}
