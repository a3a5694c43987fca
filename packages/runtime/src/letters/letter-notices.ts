/**
 * Tells of dead letters as events of the runtime, and in the log of those that were lost: together, at most ten times a second.
 * Thread: main. Bounded by groups and reasons, however many letters there are.
 */
import type { Logger } from 'pino';
import type { DeadLetterNotice } from '../events/system-events.ts';
import type { SystemPublisher } from '../publish/system-publisher.ts';
import type { LetterStore } from './letter-store.ts';

const TELL_EVERY_MS = 100;

type News = Pick<DeadLetterNotice, 'group' | 'reason' | 'type' | 'id'>;

/** Notices of one store. */
export class LetterNotices {
  private readonly store: LetterStore;
  private readonly system: SystemPublisher;
  private readonly log: Logger;
  private readonly news = new Map<string, News & { count: number }>();
  private evicted = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(store: LetterStore, system: SystemPublisher, log: Logger) {
    this.store = store;
    this.system = system;
    this.log = log;
  }

  /** Notes a letter. */
  note(news: News): void {
    const key = `${news.reason} ${news.group}`;
    this.news.set(key, { ...news, count: (this.news.get(key)?.count ?? 0) + 1 });
    this.timer ??= setTimeout(this.tell, TELL_EVERY_MS).unref();
  }

  private readonly tell = (): void => {
    this.timer = undefined;
    const told = [...this.news.values()];
    this.news.clear();
    const { count: kept, evicted } = this.store.metrics();
    if (evicted > this.evicted) {
      this.log.warn({ evicted: evicted - this.evicted, kept }, 'the store of dead letters is full; the oldest made room');
      this.evicted = evicted;
    }
    for (const notice of told) this.system.publish('system.deadletter', { ...notice, kept, evicted });
  };
}
