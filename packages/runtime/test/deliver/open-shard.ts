/** One shard of a runtime and a main thread that publishes to it, both on the test's own thread, without a coordinator. */
import type { Clock } from '@ringmain/core';
import { fnv1a32Integer, partitionOf } from '@ringmain/core';
import { MAIN_THREAD, PartitionMap, ThreadWord, partitionWords, systemAtomics } from '@ringmain/ring';
import { pino } from 'pino';
import type { RuntimeConfigInput } from '../../dist/index.js';
import { Consumer } from '../../dist/deliver/consumer.js';
import type { EventRegistry } from '../../dist/events/define-events.js';
import type { Publishing } from '../../dist/publish/publishing.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import type { Subscriber } from '../../dist/subscriber.js';
import { HostedGroups } from '../../dist/subscribers/hosted-groups.js';
import { describeGroups } from '../../dist/subscribers/load-subscribers.js';
import type { ThreadContext } from '../../dist/thread-context.js';
import { threadContext } from '../../dist/thread-context.js';
import { seedOf } from '../seed-of.ts';

const SHARD = 1;
const LANE_BYTES = 2 ** 18;
const BAY = { slots: 4096, bytes: 2 ** 20 };
const BUDGET_US = 500;
const log = pino({ enabled: false });

/** A shard that runs, and the main thread beside it. */
export interface OpenShard {
  readonly main: Publishing;
  /** Puts the main thread on a rung of the ladder, as the coordinator does. */
  readonly setRung: (rung: number) => void;
  /** To the main thread the partition of a key moves while it publishes; the shard has it all the time. */
  readonly whileMoving: (key: number, publish: () => void) => void;
  readonly stop: () => void;
}

/** Starts it. */
export function openShard(
  events: EventRegistry & { readonly hash: number },
  subscribers: readonly Subscriber[],
  clock: Clock,
  config: RuntimeConfigInput = {},
): OpenShard {
  const lane = { capacityBytes: LANE_BYTES };
  const lanes = { critical: lane, high: lane, normal: lane, low: lane };
  const seed = seedOf({ shards: 1, lanes, bay: BAY, handlers: { timeoutMs: 0 }, ...config }, events);
  const { plan } = seed;
  const hosted = describeGroups(subscribers);
  const open = (context: ThreadContext): Publishing => {
    const publishing = createPublishing(context, events);
    publishing.types.route(new RouteTable(hosted, []).routeOf);
    return publishing;
  };
  const context = threadContext(seed, SHARD, { clock });
  const own = open(context);
  const consumer = new Consumer(context, own, own, { budgetUs: BUDGET_US, wait: 'async', looksMax: 0 });
  void new HostedGroups(context, consumer, { subscribers, modules: [], registry: undefined, hash: 0 }, log);
  consumer.start(subscribers.length);
  const mainContext = threadContext(seed, MAIN_THREAD, { clock });
  const main = open(mainContext);
  return {
    main,
    setRung: (rung) => {
      mainContext.control[((plan.threads[MAIN_THREAD]?.words ?? 0) >> 2) + ThreadWord.rung] = rung;
    },
    whileMoving: (key, publish) => {
      const map = new PartitionMap(systemAtomics, partitionWords(plan, mainContext.control));
      const partition = partitionOf(fnv1a32Integer(key));
      map.begin([partition]);
      main.publisher.partitions.look();
      publish();
      map.finish([{ partition, to: SHARD }]);
      main.publisher.partitions.look();
      main.publisher.overflow.pump();
    },
    stop: () => {
      consumer.stop();
      main.publisher.close();
    },
  };
}
