/**
 * A shard: loads the subscriber modules, waits as a spare, and becomes shard `index` when the coordinator says so.
 * Thread: a worker owned by the coordinator. All that must survive the thread is in shared memory.
 */
import { RingmainError } from '@ringmain/core';
import type { Logger } from 'pino';
import type { ShardContract } from '../control/contracts.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import { LiveConfig } from '../config/live-config.ts';
import { Consumer } from '../deliver/consumer.ts';
import { EventTypes } from '../events/event-type.ts';
import type { Publishing } from '../publish/publishing.ts';
import { createPublishing } from '../publish/publishing.ts';
import { RouteTable } from '../publish/route-table.ts';
import { HostedGroups } from '../subscribers/hosted-groups.ts';
import type { LoadedSubscribers } from '../subscribers/load-subscribers.ts';
import { describeGroups, loadSubscribers } from '../subscribers/load-subscribers.ts';
import type { RuntimeSeed, ThreadContext } from '../thread-context.ts';
import { threadContext } from '../thread-context.ts';

/** Most looks of a shard's trail, some microseconds apart: together about what one wake takes. */
const LOOKS_MAX = 10;

interface Active {
  readonly context: ThreadContext;
  readonly consumer: Consumer;
  readonly hosted: HostedGroups;
  readonly publishing: Publishing;
}

/** One shard thread. */
export class ShardRoom {
  private readonly seed: RuntimeSeed;
  private readonly log: Logger;
  private readonly live: LiveConfig;
  private readonly loading: Promise<LoadedSubscribers>;
  /** Compiled while the thread waits as a spare: a successor that has to compile first keeps everyone waiting. */
  private types: EventTypes | undefined;
  private active: Active | undefined;

  constructor(seed: RuntimeSeed, log: Logger) {
    this.seed = seed;
    this.log = log;
    this.live = new LiveConfig(seed);
    this.live.watch(['log'], ({ log: { level } }) => (log.level = level));
    this.loading = this.load();
    // Reported by `describe`; without a handler here an early failure would end the thread before it could say why.
    this.loading.catch(() => {});
  }

  async describe(): Promise<ReturnType<ShardContract['describe']>> {
    const { subscribers, hash } = await this.loading;
    return { groups: describeGroups(subscribers), hash };
  }

  async activate(index: number, mainPatterns: readonly string[]): Promise<void> {
    if (this.active !== undefined) throw new RingmainError('RINGMAIN_START_FAILED', 'this thread is already a shard');
    const loaded = await this.loading;
    const { subscribers, registry } = loaded;
    if (registry === undefined) return;
    const { seed } = this;
    const context = threadContext(seed, index + 1, { live: this.live });
    const publishing = createPublishing(context, registry, this.types);
    const options = { budgetUs: seed.config.drainBudgetUs, wait: seed.config.wait, looksMax: LOOKS_MAX };
    const consumer = new Consumer(context, publishing, publishing, options);
    const log = this.log.child({ shard: index });
    this.live.watch(['log'], (config) => (log.level = config.log.level));
    this.live.watch(['drainBudgetUs'], ({ drainBudgetUs }) => consumer.setBudget(drainBudgetUs));
    const hosted = new HostedGroups(context, consumer, loaded, log);
    this.active = { context, consumer, hosted, publishing };
    this.route(mainPatterns, subscribers);
    await hosted.setup();
    consumer.start(subscribers.length);
  }

  async setMainPatterns(patterns: readonly string[]): Promise<void> {
    this.route(patterns, (await this.loading).subscribers);
  }

  /**
   * Stops, unless a delivery, a staged event or a send of this thread still waits for something.
   *
   * @param untilUs - monotonic time after which whoever asked has given up
   */
  async retire(untilUs: number): Promise<boolean> {
    const { active } = this;
    // A successor that is not active yet knows nothing of what its predecessor left.
    if (active === undefined || !active.consumer.isIdle || active.publishing.sends.pending > 0) return false;
    if (active.context.clock.monotonicUs() >= untilUs) return false;
    await this.stop();
    return true;
  }

  /** Goes by another configuration from now on; one that waits as a spare begins with it. */
  reload(config: RuntimeConfig): void {
    this.live.replace(config);
  }

  /** Tells the handlers that are under way to stop. */
  stopHandlers(): void {
    this.active?.consumer.stopHandlers();
  }

  async stop(): Promise<void> {
    // First: what is dropped with the stage would be told of by events that nobody takes any more.
    this.active?.publishing.system.close();
    this.active?.publishing.publisher.close();
    this.active?.publishing.sends.close();
    this.active?.consumer.stop();
    await this.active?.hosted.teardown();
  }

  private async load(): Promise<LoadedSubscribers> {
    const loaded = await loadSubscribers(this.seed);
    if (loaded.registry !== undefined) this.types = new EventTypes(loaded.registry);
    return loaded;
  }

  private route(mainPatterns: readonly string[], subscribers: LoadedSubscribers['subscribers']): void {
    this.active?.publishing.types.route(new RouteTable(describeGroups(subscribers), mainPatterns).routeOf);
  }
}
