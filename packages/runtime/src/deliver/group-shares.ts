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

/** A subscriber and its number. */
type Numbered = readonly [number: number, bounds: Bounds];

/** Shares of the hosted groups of one thread. */
export class GroupShares {
  private readonly bulkheads: Bulkheads;
  private readonly shares = new Map<string, GroupShare>();

  constructor(bulkheads: Bulkheads) {
    this.bulkheads = bulkheads;
  }

  /** Makes the shares of hosted groups. Once, before the groups; what subscribers of one group say was found to agree. */
  host(subscribers: readonly Bounds[]): void {
    const numbered = [...subscribers.entries()];
    for (const { group } of subscribers) {
      if (this.shares.has(group)) continue;
      const own = numbered.filter(([, one]) => one.group === group);
      this.shares.set(group, this.create(own, numbered));
    }
  }

  /** What a group has in common with others of its name, if it is hosted; else what it has by itself. */
  of(subscriber: Bounds, number: number, isHosted: boolean): GroupShare {
    const own: Numbered = [number, subscriber];
    return (isHosted ? this.shares.get(subscriber.group) : undefined) ?? this.create([own], [own]);
  }

  private create(own: readonly Numbered[], all: readonly Numbered[]): GroupShare {
    const width = own.find(([, { perKeyConcurrency }]) => perKeyConcurrency !== undefined)?.[1].perKeyConcurrency;
    const [bounded] = own.filter(([, { bulkhead }]) => bulkhead !== undefined).sort(([, a], [, b]) => compare(a, b));
    return {
      // Of a key, only the latest waits where nobody wants others.
      chains: new KeyChains(width, own[0]?.[1].delivery === 'latest-only' ? 1 : Infinity),
      bulkhead: bounded === undefined ? undefined : this.bulkheads.of(bounded[1], numberOf(bounded, all)),
      subscribers: own.length,
    };
  }
}

/** The number of a named bulkhead is that of the first subscriber which names it, of whatever group: `bulkheadSeats` reckons so too. */
function numberOf([number, { bulkhead }]: Numbered, all: readonly Numbered[]): number {
  if (typeof bulkhead !== 'string') return number;
  return all.find(([, one]) => one.bulkhead === bulkhead)?.[0] ?? number;
}

/** Those of isolated subscribers have no more permits than threads, also where only one of them said so many; that one says most. */
function compare(one: Bounds, other: Bounds): number {
  return permitsOf(one) - permitsOf(other) || Object.keys(other.bulkhead ?? {}).length - Object.keys(one.bulkhead ?? {}).length;
}

function permitsOf({ bulkhead }: Bounds): number {
  return typeof bulkhead === 'object' ? (bulkhead.concurrency ?? Infinity) : 0;
}
