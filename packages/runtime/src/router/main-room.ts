/**
 * The main thread's room: the publishing side, a consumer for the thread's own subscriptions and for answers, and the routes.
 * Thread: main. It never does a shard's work, except with `shards: 0`, when it hosts the subscriber modules too.
 */
import type { EventRegistry } from '../events/define-events.ts';
import { Consumer } from '../deliver/consumer.ts';
import type { Publishing } from '../publish/publishing.ts';
import { createPublishing } from '../publish/publishing.ts';
import { RouteTable } from '../publish/route-table.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { LocalSubscriptions } from './local-subscriptions.ts';
import type { Logger } from 'pino';

/** The main thread's room. */
export class MainRoom {
  readonly publishing: Publishing;
  readonly consumer: Consumer;
  readonly local: LocalSubscriptions;
  /** Groups of the subscriber modules, wherever they run. */
  hosted: readonly GroupDescription[] = [];

  constructor(context: ThreadContext, registry: EventRegistry, log: Logger) {
    const { config } = context.seed;
    this.publishing = createPublishing(context, registry);
    // The main thread parks at once: its time belongs to the host.
    this.consumer = new Consumer(context, this.publishing, { budgetUs: config.mainDrainBudgetUs, wait: 'async', looksMax: 0 });
    this.local = new LocalSubscriptions(context, this.consumer, log);
  }

  /** Sets the groups of the subscriber modules and begins to drain. */
  start(hosted: readonly GroupDescription[]): void {
    this.hosted = hosted;
    this.route();
    this.consumer.start();
  }

  /** Computes all routes anew; after every change of subscriptions. */
  route(): void {
    const hosted = this.hosted.flatMap(({ patterns }) => patterns);
    this.publishing.types.route(new RouteTable(hosted, this.local.patterns()).routeOf);
  }
}
