/** Plans of moves: never worse, bounded, at rest when all is even, and with the hot partition left where it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RebalanceInput } from '@ringmain/policy';
import { planMoves } from '@ringmain/policy';

/** Whole loads, so that sums are exact; some partitions are idle, a few are hot. */
const load = fc.oneof({ weight: 4, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(2000) }, fc.constant(0));

const inputs: fc.Arbitrary<RebalanceInput> = fc.integer({ min: 1, max: 6 }).chain((shards) =>
  fc.array(fc.tuple(fc.integer({ min: 0, max: shards + 1 }), load), { maxLength: 64 }).chain((partitions) =>
    fc.record({
      owners: fc.constant(partitions.map(([owner]) => owner)),
      loads: fc.constant(partitions.map(([, cost]) => cost)),
      // Thread 0 and one above own partitions that are nobody's business.
      shards: fc.constant(Array.from({ length: shards }, (_, shard) => shard + 1)),
      threshold: fc.constantFrom(1, 1.05, 1.25, 2),
      movesMax: fc.oneof(fc.nat(8), fc.constant(64)),
    }),
  ),
);

/** Owners after a plan was carried out; checks that every move is a legal one. */
function carriedOut(input: RebalanceInput): number[] {
  const owners = [...(input.owners as number[])];
  const moved = new Set<number>();
  for (const { partition, from, to } of planMoves(input)) {
    expect([owners[partition], moved.has(partition)]).toEqual([from, false]);
    expect(input.shards).toEqual(expect.arrayContaining([from, to]));
    expect(from).not.toBe(to);
    owners[partition] = to;
    moved.add(partition);
  }
  return owners;
}

function shardLoads({ loads, shards }: RebalanceInput, owners: ArrayLike<number>): number[] {
  return shards.map((shard) =>
    (loads as number[]).reduce((sum, cost, partition) => sum + (owners[partition] === shard ? cost : 0), 0),
  );
}

/** Busiest first: of two lists the one that is smaller at the first difference is more even. */
function isLower(one: readonly number[], other: readonly number[]): boolean {
  const [left, right] = [one, other].map((list) => list.toSorted((a, b) => b - a)) as [number[], number[]];
  const difference = left.findIndex((value, index) => value !== right[index]);
  return difference !== -1 && (left[difference] as number) < (right[difference] as number);
}

describe('planMoves', () => {
  it('moves each partition once at most, no more than allowed, and makes no shard busier than the busiest was', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const before = shardLoads(input, input.owners);
        const after = shardLoads(input, carriedOut(input));
        expect(planMoves(input).length).toBeLessThanOrEqual(input.movesMax);
        expect(Math.max(...after)).toBeLessThanOrEqual(Math.max(...before));
        if (planMoves(input).length > 0) expect(isLower(after, before)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('moves nothing while no shard carries more than the threshold allows', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const before = shardLoads(input, input.owners);
        const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
        fc.pre(Math.max(...before) <= mean * input.threshold);
        expect(planMoves(input)).toEqual([]);
      }),
    );
  });

  it('shrinks the greatest load whenever one partition of the busiest shard would do that alone', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const before = shardLoads(input, input.owners);
        const greatest = Math.max(...before);
        const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
        fc.pre(input.movesMax > 0 && greatest > mean * input.threshold + 1e-9);
        fc.pre(before.filter((value) => value === greatest).length === 1);
        const busiest = input.shards[before.indexOf(greatest)] as number;
        const own = (input.loads as number[]).filter((cost, partition) => input.owners[partition] === busiest && cost > 0);
        fc.pre(own.length > 1 && Math.min(...own) + Math.min(...before) < greatest);
        expect(Math.max(...shardLoads(input, carriedOut(input)))).toBeLessThan(greatest);
      }),
      { numRuns: 1000 },
    );
  });

  it('comes to rest: plans carried out one after the other end with one that is empty', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const current = { ...input, owners: [...(input.owners as number[])] };
        for (let round = 0; round < 500 && planMoves(current).length > 0; round++) current.owners = carriedOut(current);
        expect(planMoves(current)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same plan for the same input and changes none of it', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const copy = structuredClone(input);
        expect(planMoves(input)).toEqual(planMoves(copy));
        expect(input).toEqual(copy);
      }),
    );
  });

  it('leaves a hot key on its shard and moves its neighbours away', () => {
    // 64 partitions with a load of 1 on two shards; one key has ten times the load of all others together on its shard.
    const owners = Array.from({ length: 64 }, (_, partition) => 1 + (partition % 2));
    const loads = owners.map((_, partition) => (partition === 6 ? 310 : 1));
    const input = { owners, loads, shards: [1, 2], threshold: 1.2, movesMax: 64 };
    const plan = planMoves(input);
    expect(plan.map(({ from, to }) => [from, to])).toEqual(Array.from({ length: 31 }, () => [1, 2]));
    expect(plan.some(({ partition }) => partition === 6)).toBe(false);
    expect(shardLoads(input, carriedOut(input))).toEqual([310, 63]);
  });

  it('evens out a key that is ten times as hot as the others with a few moves of others', () => {
    const owners = Array.from({ length: 64 }, (_, partition) => 1 + (partition % 4));
    const loads = owners.map((_, partition) => (partition === 0 ? 10 : 1));
    const input = { owners, loads, shards: [1, 2, 3, 4], threshold: 1.2, movesMax: 64 };
    expect(shardLoads(input, owners)).toEqual([25, 16, 16, 16]);
    expect(planMoves(input)).toEqual([
      { partition: 4, from: 1, to: 2 },
      { partition: 8, from: 1, to: 3 },
      { partition: 12, from: 1, to: 4 },
      { partition: 16, from: 1, to: 2 },
      { partition: 20, from: 1, to: 3 },
    ]);
    expect(shardLoads(input, carriedOut(input))).toEqual([20, 18, 18, 17]);
  });

  it('evens out the shards beside one that can give nothing away', () => {
    const input = { owners: [1, 2, 2, 3], loads: [500, 300, 200, 100], shards: [1, 2, 3], threshold: 1.2, movesMax: 8 };
    expect(planMoves(input)).toEqual([{ partition: 2, from: 2, to: 3 }]);
  });

  it('moves the hottest partition only when the moves allowed for others are not enough, and it is not hotter than a shard should be', () => {
    const owners = Array.from({ length: 40 }, () => 1);
    const loads = owners.map((_, partition) => (partition === 0 ? 30 : 1));
    const input = { owners, loads, shards: [1, 2], threshold: 1.2, movesMax: 64 };
    expect(planMoves(input).some(({ partition }) => partition === 0)).toBe(false);
    expect(planMoves({ ...input, movesMax: 2 })).toEqual([
      { partition: 0, from: 1, to: 2 },
      { partition: 1, from: 1, to: 2 },
    ]);
    const hotter = { ...input, loads: loads.map((cost, partition) => (partition === 0 ? 60 : cost)), movesMax: 2 };
    expect(planMoves(hotter).map(({ partition }) => partition)).toEqual([1, 2]);
  });

  it('takes the move with the most effect first', () => {
    const input = { owners: [1, 1, 1, 1, 2], loads: [40, 5, 20, 5, 10], shards: [1, 2], threshold: 1.1, movesMax: 1 };
    expect(planMoves(input)).toEqual([{ partition: 2, from: 1, to: 2 }]);
  });

  it('has nothing to do without shards, with one shard, without load, and without moves', () => {
    const input = { owners: [1, 1, 2], loads: [9, 9, 1], shards: [1, 2], threshold: 1.1, movesMax: 4 };
    expect(planMoves({ ...input, shards: [] })).toEqual([]);
    expect(planMoves({ ...input, shards: [1] })).toEqual([]);
    expect(planMoves({ ...input, loads: [0, 0, 0] })).toEqual([]);
    expect(planMoves({ ...input, movesMax: 0 })).toEqual([]);
    expect(planMoves(input)).toEqual([{ partition: 1, from: 1, to: 2 }]);
  });
});
