/** Starts runtimes whose health is looked at often, and waits for what they say of it. */
import type { GroupHealthReport, Runtime, RuntimeConfigInput, RuntimeHealth, ShardHealth } from 'ringmain';
import type { AccountOptions } from '@ringmain/testkit';
import { openRuntime } from '../open-runtime.ts';
import { events } from './fixtures/wards.ts';

/** Thresholds that are reached soon. */
export const SOON = { lookMs: 20, windowMs: 300, failuresMin: 5, stalledMs: 200, recoverMs: 100 };

/** Time between two looks. */
export const POLL_MS = 5;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

export async function startWards(config: RuntimeConfigInput, account: AccountOptions = {}) {
  return openRuntime(
    {
      events,
      config: { handlers: { timeoutMs: 0 }, ...config, health: { ...SOON, ...config.health } },
      subscribers: [new URL('./fixtures/wards.ts', import.meta.url)],
    },
    account,
  );
}

type Asked = Pick<Runtime, 'health'>;

/** Looks until it finds what is wanted. */
export async function until(runtime: Asked, isFound: (health: RuntimeHealth) => boolean): Promise<RuntimeHealth> {
  for (;;) {
    const health = runtime.health();
    if (isFound(health)) return health;
    await new Promise<void>((resolve) => setImmediate(resolve));
    // The threads it waits for need the cores.
    Atomics.wait(NEVER, 0, 0, POLL_MS);
  }
}

export const groupOf = (health: RuntimeHealth, name: string): GroupHealthReport | undefined =>
  health.groups.find((group) => group.name === name);

export const shardIn = (health: RuntimeHealth, state: ShardHealth['state']): ShardHealth | undefined =>
  health.shards.find((shard) => shard.state === state);
