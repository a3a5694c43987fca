/**
 * Checks what circuit breakers of groups say of one another: groups that are named exist, and nobody falls back on himself.
 * Thread: every shard and the spare; the main thread with `shards: 0`.
 */
import { RingmainError } from '@ringmain/core';
import type { BreakerGroup } from '../breaker-groups.ts';
import { breakerGroups } from '../breaker-groups.ts';
import { refuseName } from '../check-names.ts';
import { fallbackOf } from '../config/breaker-section.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { Subscriber } from '../subscriber.ts';

/** @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_INVALID` */
export function checkBreakers(subscribers: readonly Subscriber[], config: Pick<RuntimeConfig, 'breakers'>): void {
  const names = new Set(subscribers.map(({ group }) => group));
  for (const name of Object.keys(config.breakers))
    if (!names.has(name)) refuseName(`group ${name} of the configuration's breakers`, name, names, refuse);
  const found = breakerGroups(
    config,
    subscribers.map(({ group, breaker }) => ({ name: group, ...(breaker !== undefined && { breaker }) })),
  );
  const byName = new Map(found.map((group) => [group.name, group]));
  for (const group of found) checkBreaker(group, byName, subscribers, names);
}

function checkBreaker(
  { name, rules }: BreakerGroup,
  byName: ReadonlyMap<string, BreakerGroup>,
  subscribers: readonly Subscriber[],
  names: ReadonlySet<string>,
): void {
  const own = subscribers.filter(({ group }) => group === name);
  if (new Set(own.map(({ breaker }) => JSON.stringify(breaker)).filter((text) => text !== undefined)).size > 1)
    refuse(
      `subscribers of group ${name} say different things of its breaker`,
      'the same options, or one subscriber that says them',
    );
  const passed = [name];
  for (let next = fallbackOf(rules.onOpen); next !== undefined; next = fallbackOf(byName.get(next)?.rules.onOpen ?? '')) {
    if (!names.has(next)) refuseName(`group ${next}, on which ${passed.at(-1)} falls back,`, next, names, refuse);
    if (subscribers.find(({ group }) => group === next)?.batch !== undefined)
      refuse(`group ${passed.at(-1)} falls back on ${next}, which has handleBatch`, 'a group whose subscriber has handle');
    if (passed.includes(next)) refuse(`groups fall back on each other: ${[...passed, next].join(', ')}`, 'an end to it');
    passed.push(next);
  }
}

function refuse(what: string, allowed: string): never {
  throw new RingmainError('RINGMAIN_SUBSCRIBER_INVALID', what, { allowed });
}
