/**
 * Says where an event type goes: to the owner of its partition, to the main thread, to both or nowhere.
 * Thread: any; immutable. A new table is a new epoch and replaces all cached routes.
 */
import type { TopicPattern } from '@ringmain/core';
import { compilePattern } from '@ringmain/core';
import type { HostedTarget, Route } from '../events/event-type.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';

interface Hosted extends HostedTarget {
  readonly patterns: readonly TopicPattern[];
}

/** Patterns of both kinds of subscriber. */
export class RouteTable {
  private readonly hosted: readonly Hosted[];
  private readonly main: readonly TopicPattern[];

  /**
   * @param hosted - groups of subscriber modules, which shards host, in the order of their numbers
   * @param main - patterns of the main thread's own subscriptions
   */
  constructor(hosted: readonly GroupDescription[], main: readonly string[]) {
    this.hosted = hosted.map(({ name, patterns, whenFull }, group) => ({
      group,
      name,
      sheds: whenFull === 'shed',
      patterns: patterns.map((pattern) => compilePattern(pattern)),
    }));
    this.main = [...new Set(main)].map((pattern) => compilePattern(pattern));
  }

  /** The route of a type. */
  readonly routeOf = (name: string): Route => {
    // In the order in which `Subscriptions` numbers the steps of a record: of several handlers of one group the first that matches.
    const targets = new Map<string, HostedTarget>();
    for (const { patterns, ...target } of this.hosted) {
      if (!targets.has(target.name) && patterns.some((pattern) => pattern.matches(name))) targets.set(target.name, target);
    }
    return {
      hosted: targets.size > 0,
      toMain: this.main.some((pattern) => pattern.matches(name)),
      targets: [...targets.values()],
    };
  };
}
