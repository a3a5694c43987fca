/**
 * The main thread's room: the publishing side, a consumer for the thread's own subscriptions and for answers, and the routes.
 * Thread: main. It never does a shard's work, except with `shards: 0`, when it hosts the subscriber modules too.
 */
import type { EventRegistry } from '../events/define-events.ts';
import { Consumer } from '../deliver/consumer.ts';
import { groupSources } from '../metrics/group-sources.ts';
import type { GroupSource } from '../metrics/group-sources.ts';
import { LetterDesk } from '../letters/letter-desk.ts';
import type { Publishing } from '../publish/publishing.ts';
import { createPublishing } from '../publish/publishing.ts';
import { RouteTable } from '../publish/route-table.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { threadContext } from '../thread-context.ts';
import { LocalSubscriptions } from './local-subscriptions.ts';
import type { Logger } from 'pino';

/** Producer of what handlers publish when the main thread hosts them; no thread of that number exists then. */
const HOSTED_HANDLERS = 1;

/** The main thread's room. */
export class MainRoom {
  readonly publishing: Publishing;
  /** What handlers on this thread publish with: its own lanes when they are hosted here, else the thread's. */
  readonly handlers: Publishing;
  readonly consumer: Consumer;
  readonly local: LocalSubscriptions;
  readonly letters: LetterDesk;
  private readonly hosting: boolean;
  /** Groups of the subscriber modules, wherever they run. */
  hosted: readonly GroupDescription[] = [];

  constructor(context: ThreadContext, registry: EventRegistry, log: Logger) {
    const { config } = context.seed;
    this.publishing = createPublishing(context, registry);
    this.hosting = config.shards === 0;
    this.handlers = this.hosting
      ? createPublishing(threadContext(context.seed, HOSTED_HANDLERS, { live: context.live }), registry)
      : this.publishing;
    this.letters = new LetterDesk(context, this.publishing.system, log);
    // The main thread parks at once: its time belongs to the host.
    const options = { budgetUs: config.mainDrainBudgetUs, wait: 'async', looksMax: 0 } as const;
    this.consumer = new Consumer(context, this.publishing, this.handlers, options, this.letters);
    context.live.watch(['mainDrainBudgetUs'], ({ mainDrainBudgetUs }) => this.consumer.setBudget(mainDrainBudgetUs));
    this.local = new LocalSubscriptions(context, this.consumer, log);
  }

  /** Sets the groups of the subscriber modules and begins to drain. */
  start(hosted: readonly GroupDescription[]): void {
    this.hosted = hosted;
    this.letters.hosted = hosted;
    this.route();
    this.consumer.start(this.hosting ? hosted.length : 0);
  }

  /** What publishes on this thread. */
  producers(): readonly Publishing[] {
    return [this.publishing, this.handlers];
  }

  /** Computes all routes anew; after every change of subscriptions. */
  route(): void {
    const { routeOf } = new RouteTable(this.hosted, this.local.patterns());
    this.publishing.types.route(routeOf);
    this.handlers.types.route(routeOf);
  }

  /** All groups whose figures are wanted: those of subscriber modules by name, and the thread's own. */
  groupSources(): GroupSource[] {
    const local = this.local.all();
    for (const { group } of local) group.flushLatency();
    return groupSources(this.hosted, local);
  }
}
