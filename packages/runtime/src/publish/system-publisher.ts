/**
 * Publishes what the runtime itself has to say, as events of its own types, if somebody subscribes to them.
 * Thread: the publisher's; the main thread also tells what the coordinator has to say. Such an event is never staged and never retried: it tells
 * of a state that the metrics tell too.
 */
import type { DictionaryWriter } from '@ringmain/codec';
import { isRingmainError } from '@ringmain/core';
import type { PublishDrop } from '@ringmain/ring';
import { MAIN_THREAD } from '@ringmain/ring';
import type { EventTypes } from '../events/event-type.ts';
import type { SystemEvents, SystemNoticeName } from '../events/system-events.ts';
import type { Publisher } from './publisher.ts';

/** Drops are told of together, at most so often. */
const DROPS_EVERY_MS = 100;

/** What a system publisher works with. */
export interface SystemParts {
  readonly thread: number;
  readonly types: EventTypes;
  readonly dictionary: DictionaryWriter;
  readonly publisher: Publisher;
}

interface Drops {
  readonly type: string;
  readonly reason: PublishDrop;
  count: number;
}

/** Publisher of `system.` events. */
export class SystemPublisher {
  private readonly parts: SystemParts;
  /** Drops not told of yet; bounded by types and reasons. */
  private readonly drops = new Map<string, Drops>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(parts: SystemParts) {
    this.parts = parts;
    parts.publisher.overflow.onDrop = (type, reason) => this.dropped(type, reason);
  }

  /** Publishes one event; nothing happens when nobody listens or the runtime closes. */
  publish<Name extends SystemNoticeName>(name: Name, data: SystemEvents[Name]): void {
    if (this.closed) return;
    const { types, dictionary, publisher } = this.parts;
    const type = types.system(name, dictionary);
    if (!type.hosted && !type.toMain) return;
    try {
      publisher.emit(type, data, {}, 0, false);
    } catch (error) {
      // The runtime has failed or closed meanwhile; whoever tells of something from a timer must not end the process for it.
      if (!isRingmainError(error) || error.code !== 'RINGMAIN_CLOSED') throw error;
    }
  }

  /** Says nothing more: what is accepted from now on would hold up the drain. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** An event that was staged is lost: its publisher had gone on. */
  private dropped(type: string, reason: PublishDrop): void {
    if (this.closed) return;
    const key = `${reason} ${type}`;
    const known = this.drops.get(key);
    if (known === undefined) this.drops.set(key, { type, reason, count: 1 });
    else known.count++;
    this.timer ??= setTimeout(this.tell, DROPS_EVERY_MS).unref();
  }

  private readonly tell = (): void => {
    this.timer = undefined;
    const told = [...this.drops.values()];
    this.drops.clear();
    const publisher = this.parts.thread === MAIN_THREAD ? 'main' : `shard-${this.parts.thread - 1}`;
    for (const drops of told) this.publish('system.dropped', { ...drops, publisher });
  };
}
