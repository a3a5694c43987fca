/** A runtime whose groups have circuit breakers, with what its handlers and breakers told so far. */
import { fnv1a32, partitionOf } from '@ringmain/core';
import type { BreakerNotice, RuntimeConfigInput } from 'ringmain';
import { expect } from 'vitest';
import { start } from '../promises/fixtures/start.ts';
import { events } from './fixtures/services.ts';

export type Act = 'passes' | 'fails' | 'forgives' | 'skips' | 'spins' | 'stays' | 'blocks' | 'later';
type Service = 'hold' | 'retried' | 'dead' | 'drop' | 'first' | 'second' | 'third' | 'plain' | 'bulk';

interface Told {
  readonly id: number;
  readonly group: string;
  readonly shard: number;
  readonly attempt: number;
}

/** A list that can be waited for. */
class Record<Item> {
  readonly items: Item[] = [];
  private readonly waits = new Set<() => void>();

  add(item: Item): void {
    this.items.push(item);
    for (const look of this.waits) look();
  }

  /** Resolves with the items once they are as wanted. */
  until(isEnough: (items: readonly Item[]) => boolean): Promise<readonly Item[]> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isEnough(this.items)) return;
        this.waits.delete(look);
        resolve(this.items);
      };
      this.waits.add(look);
      look();
    });
  }
}

/** Starts the services of `fixtures/services.ts`. */
export async function startServices(config: RuntimeConfigInput, account: { readonly abandons?: string } = {}) {
  const quick = { coordinator: { tickMs: 5, idleTickMs: 20 }, warmSpare: false, startTimeoutMs: 60_000 };
  const runtime = await start(events, ['../../resilience/fixtures/services.ts'], { ...quick, ...config }, account);
  const [began, ended, notices] = [new Record<Told>(), new Record<Told>(), new Record<BreakerNotice>()];
  const known = [
    runtime.subscribe('call.began', ({ data }) => began.add({ ...data })).ready,
    runtime.subscribe('call.ended', ({ data }) => ended.add({ ...data })).ready,
    runtime.subscribe('system.breaker', ({ data }) => notices.add({ ...data })).ready,
  ];
  await Promise.all(known);
  let id = 0;
  return {
    runtime,
    began,
    ended,
    notices,
    call(service: Service, act: Act = 'passes', key = id, until = ''): number {
      expect(runtime.publish(`call.${service}`, { id, key, act, until }).accepted).toBe(true);
      return id++;
    },
    /** Resolves once the breaker of a group has told of a state so many times. */
    untilState: (group: string, state: string, times = 1) =>
      notices.until((items) => items.filter((one) => one.group === group && one.state === state).length >= times),
    statesOf: (group: string) => notices.items.filter((one) => one.group === group).map(({ state }) => state),
    /** Ends handlers that stay, in every shard. */
    async release() {
      for (const key of keysOfShards(runtime.metrics().shards)) await runtime.send('call.release', { key }, { until: 'handled' });
    },
    group: (name: string) => runtime.metrics().groups.find((one) => one.name === name),
  };
}

/** A key for each shard. */
export function keysOfShards(shards: number): number[] {
  return Array.from({ length: Math.max(1, shards) }, (_, shard) => {
    for (let key = 0; ; key++) if (partitionOf(fnv1a32(String(key))) % Math.max(1, shards) === shard) return key;
  });
}
