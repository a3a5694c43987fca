/**
 * Keeps an eye on groups, shards and the coordinator, and says how the runtime is doing.
 * Thread: main. Everything is read out of shared memory: no thread is asked, so it answers while shards hang.
 *
 * A look is taken every `health.lookMs`, and whenever somebody asks. What it finds is judged by `GroupHealth`, which is slow to call anything better; no
 * runtime is called unready because a shard is being replaced, unless that lasts from one look to the next. Changes are told as `system.health`.
 */
import type { RingmainError } from '@ringmain/core';
import type { BreakerState, GroupFigures, GroupHealthOptions } from '@ringmain/policy';
import { GroupHealth } from '@ringmain/policy';
import { MAIN_THREAD, SeatState, ThreadPhase, ThreadWord, readSeats } from '@ringmain/ring';
import type { GroupSource } from '../metrics/group-sources.ts';
import type { MainRoom } from '../router/main-room.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import { BayCensus } from './bay-census.ts';
import type { BlockedShard } from './blocked-shards.ts';
import { BlockedShards } from './blocked-shards.ts';
import { missingThreads, readFigures, threadsOf } from './group-figures.ts';
import { readBreaker } from '../metrics/breakers.ts';
import type { CoordinatorWatch } from './coordinator-watch.ts';
import type { GroupHealthReport, RuntimeHealth, RuntimePhase, ShardHealth, ShardState } from './health-report.ts';

/** What a monitor asks of its runtime. */
export interface HealthHost {
  readonly phase: () => RuntimePhase;
  readonly failure: () => RingmainError | undefined;
}

const US_PER_MS = 1000;
const EFFECT_OF: Readonly<Record<BreakerState, GroupFigures['breaker']>> = {
  closed: 'closed',
  open: 'open',
  'half-open': 'half-open',
  ramp: 'half-open',
  isolated: 'open',
  'forced-closed': 'closed',
  'metrics-only': 'closed',
};
const STATE_OF_PHASE: Readonly<Record<number, ShardState>> = {
  [ThreadPhase.absent]: 'starting',
  [ThreadPhase.recovering]: 'recovering',
  [ThreadPhase.running]: 'running',
};
/** States of a shard that are no news to anybody. */
const CALM: ReadonlySet<ShardState> = new Set(['running', 'recovering']);
/** And those that no reason names: a shard stops in order only when somebody wants it. */
const UNSAID: ReadonlySet<ShardState> = new Set([...CALM, 'stopped']);

/** Monitor of one runtime. */
export class HealthMonitor {
  /** Undefined where there is no coordinator. */
  coordinator: CoordinatorWatch | undefined;

  private readonly context: ThreadContext;
  private readonly room: MainRoom;
  private readonly host: HealthHost;
  /** By place and name; as many as there are groups. */
  private readonly groups = new Map<string, GroupHealth>();
  private blocked: BlockedShards | undefined;
  private census: BayCensus | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unreadySinceMs: number | undefined;
  private told = '';
  private last: { readonly report: RuntimeHealth; readonly atMs: number } | undefined;

  constructor(context: ThreadContext, room: MainRoom, host: HealthHost) {
    this.context = context;
    this.room = room;
    this.host = host;
  }

  /** Begins to look by itself; the groups of all shards are known. */
  start(): void {
    this.blocked = new BlockedShards(this.context, this.room.hosted);
    this.census = new BayCensus(this.context, this.room.hosted);
    this.told = signatureOf(this.report());
    this.schedule();
  }

  /** Looks no more by itself. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Takes a look and says what it found. */
  report(): RuntimeHealth {
    const nowMs = this.nowMs();
    const phase = this.host.phase();
    const count = this.context.seed.config.shards === 0 ? 0 : readSeats(this.context.control, this.context.seed.plan);
    const blocked = this.blocked?.look(count, nowMs * US_PER_MS) ?? [];
    const shards = Array.from({ length: count }, (_, index) => this.shard(index, blocked[index]));
    const groups = this.lookAtGroups(blocked, shards, nowMs);
    const live = phase === 'running' || phase === 'draining';
    const ready = phase === 'running' && this.isServed(shards, nowMs);
    const report = { live, ready, phase, reasons: this.reasons(phase, shards, groups), shards, groups };
    this.last = { report, atMs: nowMs };
    return report;
  }

  /** What the last look found, if that is not long ago; else takes one. */
  latest(): RuntimeHealth {
    const { last } = this;
    if (last === undefined || last.report.phase !== this.host.phase()) return this.report();
    return this.nowMs() - last.atMs < this.context.seed.config.health.lookMs ? last.report : this.report();
  }

  /** Takes a look and tells what has changed. */
  tellNow(): void {
    this.tell(this.report());
  }

  private schedule(): void {
    const { lookMs } = this.context.seed.config.health;
    // Nobody is kept waiting by it, and the process neither.
    this.timer = setTimeout(() => {
      this.coordinator?.look(this.nowMs());
      this.tellNow();
      this.schedule();
    }, lookMs).unref();
  }

  private tell(report: RuntimeHealth): void {
    const signature = signatureOf(report);
    if (signature === this.told) return;
    this.told = signature;
    const { live, ready, phase, reasons } = report;
    this.room.publishing.system.publish('system.health', { live, ready, phase, reasons });
  }

  private lookAtGroups(
    blocked: readonly (BlockedShard | undefined)[],
    shards: readonly ShardHealth[],
    nowMs: number,
  ): GroupHealthReport[] {
    const up = shards.filter(({ state }) => state === 'running').map(({ index }) => MAIN_THREAD + 1 + index);
    const running = this.context.seed.config.shards === 0 ? [MAIN_THREAD] : up;
    const options = this.options();
    const sources = this.room.groupSources();
    const names = new Set(sources.map(keyOf));
    for (const key of this.groups.keys()) if (!names.has(key)) this.groups.delete(key);
    return sources.map((source) => {
      const health = this.groups.get(keyOf(source)) ?? new GroupHealth(options);
      this.groups.set(keyOf(source), health);
      health.configure(options);
      return {
        name: source.name,
        ...health.look(
          { ...this.figures(source, blocked), threadsMissing: missingThreads(this.context, source, running) },
          nowMs,
        ),
      };
    });
  }

  private figures(source: GroupSource, blocked: readonly (BlockedShard | undefined)[]): GroupFigures {
    const { name, where } = source;
    const breaker = where === 'main' ? undefined : this.breakerOf(name);
    const blocks = where === 'main' ? [] : blocked.filter((each) => each?.group === name);
    return {
      ...readFigures(this.context, source),
      blockedMs: Math.max(0, ...blocks.map((each) => each?.blockedMs ?? 0)),
      isRetrying: () => this.census?.isRetrying(where === 'main' ? undefined : name, threadsOf(this.context, source)) === true,
      ...(breaker === undefined ? {} : { breaker }),
    };
  }

  /** What the breaker of a hosted group does to its calls; undefined where it has none. */
  private breakerOf(name: string): GroupFigures['breaker'] {
    const number = this.room.hosted.findIndex((group) => group.name === name);
    const state = number < 0 ? undefined : readBreaker(this.context, number)?.state;
    return state === undefined ? undefined : EFFECT_OF[state];
  }

  private shard(index: number, blocked: BlockedShard | undefined): ShardHealth {
    const { watchdog, health } = this.context.seed.config;
    const seat = this.read(index, ThreadWord.seatState);
    const blockedMs = blocked === undefined || blocked.blockedMs < watchdog.slowMs ? 0 : blocked.blockedMs;
    const own = STATE_OF_PHASE[this.read(index, ThreadWord.phase)] ?? 'stopped';
    const restarts = this.read(index, ThreadWord.chargeRestarts);
    const isDown = seat === SeatState.vacant || (this.coordinator?.isUp === false && this.host.phase() === 'running');
    if (isDown) return { index, state: 'down', restarts, blockedMs: 0 };
    if (seat === SeatState.stuck) return { index, state: 'stuck', restarts, blockedMs };
    if (seat === SeatState.givenUp) return { index, state: 'given-up', restarts, blockedMs };
    return { index, state: own === 'running' && blockedMs >= health.stalledMs ? 'blocked' : own, restarts, blockedMs };
  }

  /** False once no shard has been up from one look to the next. */
  private isServed(shards: readonly ShardHealth[], nowMs: number): boolean {
    if (shards.length === 0 || shards.some(({ state }) => CALM.has(state))) {
      this.unreadySinceMs = undefined;
      return true;
    }
    this.unreadySinceMs ??= nowMs;
    return nowMs - this.unreadySinceMs < this.context.seed.config.health.lookMs;
  }

  private reasons(phase: RuntimePhase, shards: readonly ShardHealth[], groups: readonly GroupHealthReport[]): string[] {
    const failure = this.host.failure();
    return [
      ...(failure === undefined ? [] : [failure.message]),
      ...(phase === 'running' || failure !== undefined ? [] : [`the runtime is ${phase}`]),
      ...(this.coordinator?.isUp === false && phase === 'running' ? ['the coordinator is being replaced'] : []),
      ...shards.filter(({ state }) => !UNSAID.has(state)).map(({ index, state }) => `shard ${index} is ${state}`),
      ...groups.filter(({ state }) => state !== 'ok').map(({ name, state, reason }) => `group ${name} is ${state}: ${reason}`),
    ];
  }

  private options(): GroupHealthOptions {
    const { health, watchdog } = this.context.seed.config;
    return { ...health, slowMs: watchdog.slowMs };
  }

  private read(shard: number, word: number): number {
    const { atomics, control, seed } = this.context;
    return atomics.load(control, ((seed.plan.threads[shard + 1]?.words ?? 0) >> 2) + word);
  }

  private nowMs(): number {
    return runtimeUs(this.context) / US_PER_MS;
  }
}

function keyOf({ where, name }: GroupSource): string {
  return `${where} ${name}`;
}

/** What must differ for a change to be told: states, not the numbers in reasons. A group that is well is no news, whether it came or went. */
function signatureOf({ live, ready, phase, shards, groups }: RuntimeHealth): string {
  const unwell = groups.filter(({ state }) => state !== 'ok').map(({ name, state }) => [name, state]);
  return JSON.stringify([live, ready, phase, shards.map(({ state }) => state), unwell]);
}
