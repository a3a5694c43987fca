/**
 * Runs the groups of subscriber modules in one consumer: creates them, runs their `setup`, and their `teardown` at the end.
 * Thread: the consumer's.
 */
import { RingmainError } from '@ringmain/core';
import type { Logger } from 'pino';
import type { Consumer } from '../deliver/consumer.ts';
import { Group } from '../deliver/group.ts';
import type { SetupContext, Subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';

/** The hosted groups of one thread. */
export class HostedGroups {
  private readonly entries: { readonly subscriber: Subscriber; readonly group: Group; readonly setup: SetupContext }[] = [];

  /** Creates the groups, numbered in the order of the subscribers, and subscribes them. */
  constructor(context: ThreadContext, consumer: Consumer, subscribers: readonly Subscriber[], log: Logger) {
    subscribers.forEach((subscriber, id) => {
      const group = new Group(context, id, subscriber, consumer.scope, log);
      const setup = { shard: context.thread - 1, group: subscriber.group, log };
      consumer.subscriptions.add(subscriber.patterns, group);
      this.entries.push({ subscriber, group, setup });
    });
  }

  /**
   * Runs every `setup`, one after another.
   *
   * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID` with the cause
   */
  async setup(): Promise<void> {
    for (const { subscriber, group, setup } of this.entries) {
      try {
        group.state = await subscriber.setup?.(setup);
      } catch (cause) {
        throw new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', `setup of group ${group.name} failed: ${String(cause)}`, {
          cause,
        });
      }
    }
  }

  /** Runs every `teardown`; one that fails is logged and does not stop the others. */
  async teardown(): Promise<void> {
    for (const { subscriber, group, setup } of [...this.entries].reverse()) {
      try {
        await subscriber.teardown?.(group.state, setup);
      } catch (error) {
        setup.log.error({ err: error, group: group.name }, 'teardown failed');
      }
    }
  }
}
