/** Entry of a shard thread. Thin on purpose: everything else is `ShardRoom`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { RuntimeConfig } from '../config/config-schema.ts';
import { serve } from '../control/peer.ts';
import { createThreadLog } from '../log/thread-log.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import { ShardRoom } from './shard-room.ts';

const { seed } = workerData as { readonly seed: RuntimeSeed };
const room = new ShardRoom(seed, createThreadLog(seed.config.log.level, 'shard'));
serve(parentPort as MessagePort, {
  describe: () => room.describe(),
  activate: (index: number, patterns: readonly string[]) => room.activate(index, patterns),
  setMainPatterns: (patterns: readonly string[]) => room.setMainPatterns(patterns),
  retire: (untilUs: number) => room.retire(untilUs),
  reload: (config: RuntimeConfig) => room.reload(config),
  stopHandlers: () => room.stopHandlers(),
  stop: () => room.stop(),
});
