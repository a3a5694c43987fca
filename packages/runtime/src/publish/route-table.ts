/**
 * Says where an event type goes: to the owner of its partition, to the main thread, to both or nowhere.
 * Thread: any; immutable. A new table is a new epoch and replaces all cached routes.
 */
import type { TopicPattern } from '@ringmain/core';
import { compilePattern } from '@ringmain/core';

/** Patterns of both kinds of subscriber. */
export class RouteTable {
  private readonly hosted: readonly TopicPattern[];
  private readonly main: readonly TopicPattern[];

  /**
   * @param hosted - patterns of subscriber modules, which shards host
   * @param main - patterns of the main thread's own subscriptions
   */
  constructor(hosted: readonly string[], main: readonly string[]) {
    this.hosted = [...new Set(hosted)].map((pattern) => compilePattern(pattern));
    this.main = [...new Set(main)].map((pattern) => compilePattern(pattern));
  }

  /** The route of a type. */
  readonly routeOf = (name: string): { hosted: boolean; toMain: boolean } => ({
    hosted: this.hosted.some((pattern) => pattern.matches(name)),
    toMain: this.main.some((pattern) => pattern.matches(name)),
  });
}
