/** Shards that are being started know what changed meanwhile, and what changed while they were told. */
import { expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import type { FreshShard, Told } from '../../dist/coordinator/catch-up.js';
import { catchUp } from '../../dist/coordinator/catch-up.js';

const CONFIG = parseConfig({});

function setUp(changes: readonly ((now: Told) => Told)[]) {
  const known: Told = { patterns: [], config: CONFIG };
  const left = [...changes];
  let now = known;
  const change = (): void => {
    now = left.shift()?.(now) ?? now;
  };
  const shard = { patterns: known.patterns, config: known.config, calls: 0 };
  const told = async (what: Partial<Told>): Promise<void> => {
    Object.assign(shard, what, { calls: shard.calls + 1 });
    change();
  };
  const api = { setMainPatterns: (patterns) => told({ patterns }), reload: (config) => told({ config }) } satisfies FreshShard;
  return { known, change, shard, api, current: () => now };
}

const subscribe = (now: Told): Told => ({ ...now, patterns: [...now.patterns, 'a'] });
const reload = (now: Told): Told => ({ ...now, config: parseConfig({}) });

it('says nothing where nothing has changed', async () => {
  const { known, shard, api, current } = setUp([]);
  await catchUp([api], known, current);
  expect(shard.calls).toBe(0);
});

it.each([
  ['subscribe, subscribe', [subscribe, subscribe]],
  ['reload, reload', [reload, reload]],
  ['subscribe, reload', [subscribe, reload]],
  ['reload, subscribe, reload', [reload, subscribe, reload]],
])('goes on until it has told the last of %s', async (_, changes) => {
  const { known, change, shard, api, current } = setUp(changes);
  change();
  await catchUp([api], known, current);
  expect(shard.patterns).toBe(current().patterns);
  expect(shard.config).toBe(current().config);
  expect(shard.calls).toBe(changes.length);
});
