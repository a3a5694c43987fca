/**
 * Checks that subscribers of one group agree on what a group has once: its permits, the order of its keys, where its handlers run.
 * Thread: every shard and the spare; the main thread with `shards: 0`.
 */
import { RingmainError } from '@ringmain/core';
import type { Subscriber } from '../subscriber.ts';

/** Options of which one subscriber may speak for all. */
const SHARED = ['bulkhead', 'perKeyConcurrency'] as const;

/** @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID` */
export function checkGroups(subscribers: readonly Subscriber[]): void {
  const groups = new Map<string, Subscriber[]>();
  for (const subscriber of subscribers) {
    const own = groups.get(subscriber.group);
    if (own === undefined) groups.set(subscriber.group, [subscriber]);
    else own.push(subscriber);
  }
  for (const [name, own] of groups) if (own.length > 1) checkGroup(name, own);
}

function checkGroup(name: string, own: readonly Subscriber[]): void {
  for (const option of SHARED) {
    const said = new Set(own.map((one) => textOf(one[option])).filter((text) => text !== undefined));
    if (said.size > 1)
      refuse(
        `subscribers of group ${name} say different things of its ${option}: ${[...said].join(' and ')}`,
        'the same option, or one subscriber that says it',
      );
  }
  const isolations = new Set(own.map(({ isolation }) => textOf(isolation) ?? 'inline'));
  if (isolations.size > 1)
    refuse(
      `subscribers of group ${name} say different things of its isolation: ${[...isolations].join(' and ')}`,
      'the same isolation for all subscribers of a group',
    );
  const deliveries = new Set(own.map(({ delivery }) => delivery));
  if (deliveries.size > 1)
    refuse(
      `subscribers of group ${name} say different things of its delivery: ${[...deliveries].join(' and ')}`,
      'the same delivery for all subscribers of a group',
    );
  if (own.some(({ dedupe }) => dedupe) && own.some(({ perKeyConcurrency = 1 }) => perKeyConcurrency !== 1))
    refuse(
      `group ${name} recognises repeats, and one of its subscribers says another perKeyConcurrency than 1`,
      'dedupe only where events of a key are handled one at a time',
    );
  // What is gathered has no place in the order of its key yet, so another handler would overtake it.
  if (own.some(({ batch }) => batch !== undefined))
    refuse(
      `group ${name} has ${own.length} subscribers, one of them with handleBatch`,
      'one subscriber for a group with handleBatch; it may have several patterns',
    );
}

/** Infinity is no JSON. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function refuse(what: string, allowed: string): never {
  throw new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', what, { allowed });
}
