/**
 * Tells threads that are being started what has changed since: nobody else does before they have their seats.
 * Thread: the coordinator. While they are told, the next change may come; so it is done when there was none, and whoever goes on then must not wait for
 * anything before the seats are theirs.
 */
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ShardContract } from '../control/contracts.ts';
import type { Remote } from '../control/peer.ts';

/** What shards are told; both are replaced as a whole. */
export interface Told {
  /** What the main thread listens to. */
  readonly patterns: readonly string[];
  readonly config: RuntimeConfig;
}

/** Control methods of a shard that are needed here. */
export type FreshShard = Pick<Remote<ShardContract>, 'setMainPatterns' | 'reload'>;

/**
 * Resolves once shards know what is known.
 *
 * @param known - what they began with
 * @param current - what there is now
 */
export async function catchUp(shards: readonly FreshShard[], known: Told, current: () => Told): Promise<void> {
  let told = known;
  for (;;) {
    const next = current();
    const { patterns, config } = next;
    if (patterns === told.patterns && config === told.config) return;
    if (patterns !== told.patterns) await Promise.all(shards.map((shard) => shard.setMainPatterns(patterns)));
    if (config !== told.config) await Promise.all(shards.map((shard) => shard.reload(config)));
    told = next;
  }
}
