/**
 * Runs the groups of subscriber modules in one consumer: creates them, runs their `setup`, and their `teardown` at the end.
 * Thread: the consumer's.
 */
import { RingmainError, compilePattern, errorText } from '@ringmain/core';
import type { Logger } from 'pino';
import type { Consumer } from '../deliver/consumer.ts';
import { Group } from '../deliver/group.ts';
import { HandlerPool } from '../isolation/handler-pool.ts';
import { logFailure } from '../log/log-failure.ts';
import type { SetupContext, Subscriber } from '../subscriber.ts';
import type { LoadedSubscribers } from './load-subscribers.ts';
import { describeGroups } from './load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';

interface Entry {
  readonly subscriber: Subscriber;
  /** URL of the module that exports the subscriber. */
  readonly url: string | undefined;
  readonly group: Group;
  readonly setup: SetupContext;
}

/** The hosted groups of one thread. */
export class HostedGroups {
  private readonly entries: Entry[] = [];
  /** Of groups whose handlers run in threads of their own. */
  private readonly pools: HandlerPool[] = [];
  private abandoned = false;

  /** Creates the groups, numbered in the order of the subscribers, and subscribes them. */
  constructor(context: ThreadContext, consumer: Consumer, loaded: LoadedSubscribers, log: Logger) {
    consumer.scope.breakers.host(describeGroups(loaded.subscribers));
    const subscribers = loaded.subscribers.map((declared, id) => {
      const { isolation: place } = declared;
      if (place === undefined) return declared;
      const pool = new HandlerPool({ context, id, subscriber: declared, place, hash: loaded.hash, log });
      this.pools.push(pool);
      return pool.hosted;
    });
    consumer.scope.shares.host(subscribers);
    for (const [id, subscriber] of subscribers.entries()) {
      const group = new Group(context, id, subscriber, consumer.scope, log);
      const setup = { shard: context.thread - 1, group: subscriber.group, log };
      consumer.subscriptions.add(subscriber.patterns, group);
      this.entries.push({ subscriber, url: loaded.modules[id], group, setup });
    }
    const { breakers } = consumer.scope;
    for (const { group } of this.entries) group.fallback = this.fallbackOn(breakers.fallbackOf(group.name));
  }

  /** The subscriber of a group that takes an event in place of another group: the first whose pattern matches, else the first of all. */
  private fallbackOn(name: string | undefined): ((type: string) => Group) | undefined {
    const [first, ...others] = this.entries.filter(({ group }) => group.name === name);
    if (first === undefined) return undefined;
    if (others.length === 0) return () => first.group;
    const all = [first, ...others].map(({ group, subscriber }) => ({
      group,
      patterns: subscriber.patterns.map((pattern) => compilePattern(pattern)),
    }));
    return (type) => all.find(({ patterns }) => patterns.some((pattern) => pattern.matches(type)))?.group ?? first.group;
  }

  /**
   * Runs every `setup`, one after another.
   *
   * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID` with the group, the module, the shard and the cause
   */
  async setup(): Promise<void> {
    for (const { subscriber, url, group, setup } of this.entries) {
      // One that took too long may end after all; nobody waits for the others any more.
      if (this.abandoned) return;
      try {
        group.state = await subscriber.setup?.(setup);
      } catch (cause) {
        throw new RingmainError(
          'RINGMAIN_SUBSCRIBER_INVALID',
          `setup of group ${group.name} of module ${url} failed: ${errorText(cause)}`,
          {
            details: { group: group.name, url, shard: setup.shard },
            cause,
          },
        );
      }
    }
  }

  /** The start was given up: no further `setup` runs. */
  abandon(): void {
    this.abandoned = true;
    for (const pool of this.pools) pool.abandon();
  }

  /** Runs every `teardown`; one that fails is logged and does not stop the others. */
  async teardown(): Promise<void> {
    for (const { subscriber, group, setup } of [...this.entries].reverse()) {
      try {
        await subscriber.teardown?.(group.state, setup);
      } catch (error) {
        logFailure(setup.log, error, { group: group.name }, 'teardown failed');
      }
    }
  }
}
