/** Moves that were planned before others, under way at that time, had ended: what a resize, a rebalance and a shard that is given up want still holds. */
import { LIMITS } from '@ringmain/core';
import type { PartitionMove } from '@ringmain/policy';
import {
  MAIN_THREAD,
  PartitionHandover,
  PartitionView,
  SeatState,
  ThreadWord,
  allocateMemory,
  createPartitionTable,
  partitionWords,
  planMemory,
  systemAtomics,
} from '@ringmain/ring';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { GivenUpShards } from '../../dist/coordinator/given-up-shards.js';
import { PartitionMover } from '../../dist/coordinator/partition-mover.js';
import { Sampler } from '../../dist/coordinator/sampler.js';
import { ShardResize } from '../../dist/coordinator/shard-resize.js';
import { threadContext } from '../../dist/thread-context.js';

const LANES = [4096, 4096, 4096, 4096];
const LONG_MS = 60_000;
const FIRST = MAIN_THREAD + 1;
const SECOND = MAIN_THREAD + 2;

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

/** The mover of two shards; every thread does its part in each turn of the event loop, as long as the main thread looks. */
function startTable() {
  const config = parseConfig({ shards: 2, restart: { onLimit: 'reassign' }, log: { level: 'silent' } });
  const plan = planMemory({ shards: 2, laneBytes: LANES, meshLaneBytes: 4096, baySlots: 64, bayBytes: 16_384 });
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, 2);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  const context = threadContext({ ...fixed, config, plan, memory, eventsHash: 0, types: [] }, MAIN_THREAD);
  const mover = new PartitionMover(context);
  const { map } = mover;
  /** Owners of what was marked, move by move: more than one, and the source would not have all of it. */
  const sources: number[][] = [];
  const begin = map.begin.bind(map);
  map.begin = (partitions) => {
    const marked = [...partitions];
    const owners = map.owners();
    sources.push([...new Set(marked.map((partition) => owners[partition] as number))]);
    begin(marked);
  };
  const threads = plan.threads.map((_, thread) => {
    const view = new PartitionView(systemAtomics, partitionWords(plan, context.control), thread);
    return { view, handover: new PartitionHandover(view, thread) };
  });
  const state = { isLooking: true, isOver: false };
  stops.push(() => (state.isOver = true));
  const turn = (): void => {
    for (const [thread, { view, handover }] of threads.entries()) {
      if (thread === MAIN_THREAD && !state.isLooking) continue;
      if (view.adopt()) view.acknowledge();
      handover.poll(
        () => [],
        () => true,
      );
    }
    if (!state.isOver) setImmediate(turn);
  };
  turn();
  return { context, mover, map, sources, state };
}

/** A move of some partitions of one shard to the other. */
function someOf(
  owners: readonly number[],
  from: number,
  to: number,
  count: number,
): (PartitionMove & { readonly from: number })[] {
  const own = [...owners.keys()].filter((partition) => owners[partition] === from);
  return own.slice(0, count).map((partition) => ({ partition, from, to }));
}

it('ShardResize.resize() leaves nothing at a shard that ends, whatever came there or went while it was planned', async () => {
  const { context, mover, map, sources, state } = startTable();
  let seats = 2;
  const left: number[][] = [];
  const resizer = new ShardResize(context, mover, {
    seats: () => seats,
    grow: () => Promise.reject(new Error('nothing grows')),
    retireLast: () => {
      left.push(map.owners().filter((owner) => owner === seats));
      seats--;
      return Promise.resolve('retired');
    },
    begin: () => {},
    refusal: () => undefined,
  });
  state.isLooking = false;
  // Under way when the resize is planned: both ways.
  const away = mover.move(SECOND, someOf(map.owners(), SECOND, FIRST, 5), LONG_MS);
  const there = mover.move(FIRST, someOf(map.owners(), FIRST, SECOND, 7), LONG_MS);
  const resized = resizer.resize(1, LONG_MS);
  state.isLooking = true;
  expect([await away, await there]).toEqual(['moved', 'moved']);
  expect(await resized).toMatchObject({ shards: 1, terminated: [] });
  expect(left).toEqual([[]]);
  expect(sources).toEqual([[SECOND], [FIRST], [SECOND], [SECOND]]);
  expect(new Set(map.owners())).toEqual(new Set([FIRST]));
});

it('GivenUpShards.clear() takes the move back that waits for its turn: whoever resizes takes the shard for a good one', async () => {
  const { context, mover, map, sources, state } = startTable();
  const givenUp = new GivenUpShards(context, mover, new Sampler(context), pino({ enabled: false }));
  const seatState = (): number =>
    context.control[((context.seed.plan.threads[SECOND]?.words ?? 0) >> 2) + ThreadWord.seatState] as number;
  const before = map.owners();
  expect(givenUp.mayGoOn(1)).toBe(true);
  state.isLooking = false;
  const other = mover.move(FIRST, someOf(before, FIRST, SECOND, 1), LONG_MS);
  const handed = givenUp.handOver(1);
  givenUp.clear();
  state.isLooking = true;
  expect(await other).toBe('moved');
  await handed;
  expect(sources).toEqual([[FIRST]]);
  expect([givenUp.has(1), seatState()]).toEqual([false, SeatState.taken]);
  // It may be given up again, and then all of it moves.
  for (let deaths = 0; deaths <= LIMITS.crashesMax; deaths++) expect(givenUp.mayGoOn(1)).toBe(true);
  expect(givenUp.mayGoOn(1)).toBe(false);
  await givenUp.handOver(1);
  expect(new Set(map.owners())).toEqual(new Set([FIRST]));
  expect(seatState()).toBe(SeatState.givenUp);
});

it('GivenUpShards.handOver() of a shard that is given up during a resize waits for its end: then it is known who takes over', async () => {
  const { context, mover, map, sources } = startTable();
  const givenUp = new GivenUpShards(context, mover, new Sampler(context), pino({ enabled: false }));
  let isResizing = true;
  let asked = 0;
  givenUp.isResizing = () => {
    asked++;
    return isResizing;
  };
  expect(givenUp.mayGoOn(1)).toBe(true);
  const handed = givenUp.handOver(1);
  // It was told so, asks again, and again.
  while (asked < 3 && sources.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(sources).toEqual([]);
  isResizing = false;
  await handed;
  expect(sources).toEqual([[SECOND]]);
  expect(new Set(map.owners())).toEqual(new Set([FIRST]));
});

it('GivenUpShards.handOver() of a shard that the resize has ended leaves nothing behind', async () => {
  const { context, mover, map, sources } = startTable();
  const sampler = new Sampler(context);
  const noted = vi.spyOn(sampler, 'noteGivenUp');
  const givenUp = new GivenUpShards(context, mover, sampler, pino({ enabled: false }));
  let isResizing = true;
  givenUp.isResizing = () => isResizing;
  expect(givenUp.mayGoOn(1)).toBe(true);
  const handed = givenUp.handOver(1);
  await mover.move(SECOND, someOf(map.owners(), SECOND, FIRST, 256), LONG_MS);
  map.seats = 1;
  isResizing = false;
  await handed;
  expect([givenUp.has(1), noted.mock.calls, sources]).toEqual([false, [], [[SECOND]]]);
});
