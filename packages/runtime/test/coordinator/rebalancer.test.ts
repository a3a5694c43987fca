/** `Rebalancer`: when it moves partitions, and when it does not; the words say what each partition cost. */
import type { PartitionMove } from '@ringmain/ring';
import { PartitionMap, allocateMemory, createPartitionTable, partitionWords, planMemory, systemAtomics } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import type { MoveResult } from '../../dist/coordinator/partition-mover.js';
import { Rebalancer } from '../../dist/coordinator/rebalancer.js';
import type { RebalanceNotice } from '../../dist/events/system-events.js';
import { threadContext } from '../../dist/thread-context.js';

const INTERVAL_MS = 1000;
const MIB = 1024 * 1024;
const LANES = [4096, 4096, 4096, 4096];

/** Two shards whose partitions cost what the test says. */
function startWords(rebalance: object = {}) {
  const clock = manualClock();
  const config = parseConfig({ shards: 2, rebalance: { enabled: true, intervalMs: INTERVAL_MS, checks: 2, ...rebalance } });
  const plan = planMemory({ shards: 2, laneBytes: LANES, meshLaneBytes: 4096, baySlots: 1024, bayBytes: MIB });
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, 2);
  const fixed = {
    epochUs: 0,
    epochWallMs: 0,
    nonceHigh: 1,
    nonceLow: 1,
    subscribers: [],
    eventsModule: undefined,
    eventsHash: 0,
  };
  const context = threadContext({ ...fixed, config, plan, memory, types: [] }, 0, { clock });
  const map = new PartitionMap(systemAtomics, partitionWords(plan, context.control));
  const made: { source: number; moves: readonly PartitionMove[] }[] = [];
  const notices: RebalanceNotice[] = [];
  const state = { result: 'moved' as MoveResult, busy: false, resizesWhileWaiting: false, givenUp: -1 };
  const move = (
    source: number,
    moves: readonly PartitionMove[],
    _timeoutMs: number,
    isWanted?: () => boolean,
  ): Promise<MoveResult> => {
    state.busy ||= state.resizesWhileWaiting;
    if (isWanted?.() === false) return Promise.resolve('withdrawn');
    made.push({ source, moves });
    if (state.result === 'moved') map.finish(moves);
    return Promise.resolve(state.result);
  };
  const ports = {
    log: pino({ enabled: false }),
    tell: (notice: RebalanceNotice) => void notices.push(notice),
    isBusy: () => state.busy,
    isGivenUp: (shard: number) => shard === state.givenUp,
  };
  const rebalancer = new Rebalancer(context, { map, move }, ports);
  rebalancer.tick(0);
  /** Lets intervals pass in which partitions take parts of the time of their owners. */
  const intervals = async (count: number, parts: Readonly<Record<number, number>>): Promise<void> => {
    for (let index = 0; index < count; index++) {
      clock.advance(INTERVAL_MS * 1000);
      const owners = map.owners();
      for (const [partition, part] of Object.entries(parts)) {
        const word = ((plan.threads[owners[Number(partition)] ?? 0]?.partitionLoads ?? 0) >> 2) + Number(partition);
        context.control[word] = ((context.control[word] ?? 0) + part * INTERVAL_MS * 1000) | 0;
      }
      rebalancer.tick(clock.monotonicUs());
      await Promise.resolve().then(() => undefined);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  return { made, notices, map, state, intervals };
}

// Partitions with odd numbers are those of the second shard, thread 2.
const UNEVEN = { 1: 0.3, 3: 0.3, 5: 0.3 };

describe('Rebalancer', () => {
  it('moves partitions off a busy shard once several looks in a row have found it, and tells', async () => {
    const { made, notices, map, intervals } = startWords();
    await intervals(1, UNEVEN);
    expect(made).toEqual([]);
    await intervals(1, UNEVEN);
    expect(made).toMatchObject([{ source: 2, moves: [{ from: 2, to: 1 }] }]);
    const moved = made[0]?.moves[0]?.partition ?? -1;
    expect(map.owners()[moved]).toBe(1);
    expect(notices).toMatchObject([{ from: 1, partitions: [moved], to: [0] }]);
  });

  it('moves nothing while the load is even, or hardly any, or uneven only now and then', async () => {
    for (const parts of [{ 0: 0.5, 1: 0.5 }, { 1: 0.1, 3: 0.1 }, { 1: 0.9 }]) {
      const { made, intervals } = startWords();
      await intervals(10, parts);
      expect(made).toEqual([]);
    }
    const { made, intervals } = startWords({ checks: 3 });
    for (let turn = 0; turn < 5; turn++) {
      await intervals(1, UNEVEN);
      await intervals(3, { 0: 0.6, 1: 0.6 });
    }
    expect(made).toEqual([]);
  });

  it('moves nothing when it is off, or while a resize is under way', async () => {
    const off = startWords({ enabled: false });
    await off.intervals(5, UNEVEN);
    expect(off.made).toEqual([]);
    const busy = startWords();
    busy.state.busy = true;
    await busy.intervals(5, UNEVEN);
    expect(busy.made).toEqual([]);
    busy.state.busy = false;
    await busy.intervals(2, UNEVEN);
    expect(busy.made).toHaveLength(1);
  });

  it('takes back what waits for its turn when a resize begins, and tells of nothing', async () => {
    const { made, notices, map, state, intervals } = startWords();
    const owners = map.owners();
    state.resizesWhileWaiting = true;
    await intervals(2, UNEVEN);
    expect([state.busy, made, notices, map.owners()]).toEqual([true, [], [], owners]);
  });

  it('moves nothing to a shard that was given up', async () => {
    const { made, state, intervals } = startWords();
    state.givenUp = 0;
    await intervals(5, UNEVEN);
    expect(made).toEqual([]);
    state.givenUp = -1;
    await intervals(2, UNEVEN);
    expect(made).toHaveLength(1);
  });

  it('waits after a move, and longer after one that was rolled back', async () => {
    const { made, notices, state, intervals } = startWords();
    state.result = 'late';
    await intervals(2, UNEVEN);
    expect(made).toHaveLength(1);
    await intervals(21, UNEVEN);
    expect(made).toHaveLength(1);
    state.result = 'moved';
    await intervals(2, UNEVEN);
    expect(made).toHaveLength(2);
    expect(notices).toHaveLength(1);
  });

  it('leaves a hot key where it is and moves its neighbours', async () => {
    const { made, intervals } = startWords();
    await intervals(2, { 1: 0.7, 3: 0.05, 5: 0.05, 0: 0.1 });
    expect(made.flatMap(({ moves }) => moves.map(({ partition }) => partition)).sort((one, other) => one - other)).toEqual([
      3, 5,
    ]);
  });
});
