/**
 * What the subscribers of one group have in common in one thread: the order of its keys, and its permits. They are one group to whoever counts on either.
 * Thread: the consumer's.
 */
import type { Subscriber } from '../subscriber.ts';
import type { Bulkhead } from './bulkhead.ts';
import type { Bulkheads } from './bulkheads.ts';
import { KeyChains } from './key-chains.ts';

/** What one group has once. */
export interface GroupShare {
  readonly chains: KeyChains;
  /** Undefined where nothing but the bay bounds its handlers. */
  readonly bulkhead: Bulkhead | undefined;
  /** Subscribers of the group. */
  readonly subscribers: number;
}

type Bounds = Pick<Subscriber, 'group' | 'bulkhead' | 'perKeyConcurrency' | 'delivery'>;

/** Shares of the hosted groups of one thread. */
export class GroupShares {
  private readonly bulkheads: Bulkheads;
  private readonly shares = new Map<string, GroupShare>();

  constructor(bulkheads: Bulkheads) {
    this.bulkheads = bulkheads;
  }

  /** Makes the shares of hosted groups. Once, before the groups; what subscribers of one group say was found to agree. */
  host(subscribers: readonly Bounds[]): void {
    for (const { group } of subscribers) {
      if (this.shares.has(group)) continue;
      this.shares.set(group, this.create(subscribers.filter((one) => one.group === group)));
    }
  }

  /** What a group has in common with others of its name, if it is hosted; else what it has by itself. */
  of(subscriber: Bounds, isHosted: boolean): GroupShare {
    return (isHosted ? this.shares.get(subscriber.group) : undefined) ?? this.create([subscriber]);
  }

  private create(subscribers: readonly Bounds[]): GroupShare {
    const width = subscribers.find(({ perKeyConcurrency }) => perKeyConcurrency !== undefined)?.perKeyConcurrency;
    // Those of isolated subscribers have no more permits than threads, also where only one of them said so many.
    const [bounded] = subscribers.filter(({ bulkhead }) => bulkhead !== undefined).sort((a, b) => permitsOf(a) - permitsOf(b));
    return {
      // Of a key, only the latest waits where nobody wants others.
      chains: new KeyChains(width, subscribers[0]?.delivery === 'latest-only' ? 1 : Infinity),
      bulkhead: bounded === undefined ? undefined : this.bulkheads.of(bounded),
      subscribers: subscribers.length,
    };
  }
}

function permitsOf({ bulkhead }: Bounds): number {
  return typeof bulkhead === 'object' ? (bulkhead.concurrency ?? Infinity) : 0;
}
