/** A shard in the thread of the test: what it leaves behind when it stops. */
import {
  PartitionMap,
  ThreadWord,
  allocateMemory,
  createPartitionTable,
  partitionWords,
  planMemory,
  systemAtomics,
} from '@ringmain/ring';
import { fnv1a32Integer, partitionOf } from '@ringmain/core';
import { pino } from 'pino';
import { expect, it, vi } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { createPublishing } from '../../dist/publish/publishing.js';
import { RouteTable } from '../../dist/publish/route-table.js';
import { ShardRoom } from '../../dist/shard/shard-room.js';
import { threadContext } from '../../dist/thread-context.js';
import { compiledFixture } from '../compiled-fixture.mjs';
import { keyOf, turns } from '../publish/still-consumers.ts';
import { Board } from '../resize/fixtures/board.ts';
import { events } from '../resize/fixtures/movers.ts';

const SHARDS = 2;
const LANE = { capacityBytes: 4096 };
const ROUNDS = 1000;

/** The first of two shards, and the publishing side of the main thread. */
async function startRoom() {
  Board.create();
  const config = parseConfig({
    shards: SHARDS,
    lanes: { critical: LANE, high: LANE, normal: LANE, low: LANE },
    mesh: LANE,
    recordBytesMax: 1024,
    bay: { slots: 64, bytes: 16_384 },
  });
  const laneBytes = [4096, 4096, 4096, 4096];
  const plan = planMemory({ shards: SHARDS, laneBytes, meshLaneBytes: 4096, baySlots: 64, bayBytes: 16_384 });
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, SHARDS);
  const subscribers = [compiledFixture(new URL('../resize/fixtures/movers.ts', import.meta.url)).href];
  const types = [...events.definitions.keys()].sort();
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, eventsModule: undefined, eventsHash: events.hash };
  const seed = { ...fixed, config, plan, memory, subscribers, types };
  const room = new ShardRoom(seed, pino({ enabled: false }));
  const { groups } = await room.describe();
  await room.activate(0, []);
  const context = threadContext(seed, 0);
  const main = createPublishing(context, events);
  main.types.route(new RouteTable(groups, []).routeOf);
  const map = new PartitionMap(systemAtomics, partitionWords(plan, context.control));
  const staged = (): number => context.control[((plan.threads[1]?.words ?? 0) >> 2) + ThreadWord.staged] as number;
  return { room, main, map, staged };
}

it('ShardRoom.stop() leaves no timer for what it drops with the stage: nobody would hear of it', async () => {
  const { room, main, map, staged } = await startRoom();
  const [own, other] = [keyOf(0), keyOf(1)];
  map.begin([partitionOf(fnv1a32Integer(other))]);
  await turns(2);
  // Its handler publishes to the partition that moves, which has the shard stage the event.
  expect(main.publisher.publish('loop.passed', { key: own, back: other }).status).toBe('accepted');
  for (let round = 0; round < ROUNDS && staged() === 0; round++) await turns(1);
  expect(staged()).toBe(1);
  const armed = vi.spyOn(globalThis, 'setTimeout');
  await room.stop();
  expect(staged()).toBe(0);
  expect(armed).not.toHaveBeenCalled();
  armed.mockRestore();
});
