/** What a resize makes of shards that were given up: one that has no thread at the moment does not count as there. */
import { SeatState, ThreadWord } from '@ringmain/ring';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { GivenUpShards } from '../../dist/coordinator/given-up-shards.js';
import { PartitionMover } from '../../dist/coordinator/partition-mover.js';
import { Sampler } from '../../dist/coordinator/sampler.js';
import { ControlMemory } from './control-memory.ts';

it.each([
  ['has handed over', SeatState.givenUp, SeatState.taken],
  ['has just died once more', SeatState.vacant, SeatState.vacant],
  ['is stuck', SeatState.stuck, SeatState.stuck],
])('clear() of a shard that %s', (_, before, after) => {
  const memory = new ControlMemory({ shards: 2, config: { restart: { onLimit: 'reassign' } } });
  const { context } = memory;
  const mover = new PartitionMover(context);
  mover.map.seats = 2;
  const givenUp = new GivenUpShards(context, mover, new Sampler(context), pino({ enabled: false }));
  expect(givenUp.mayGoOn(0)).toBe(true);
  memory.set(1, ThreadWord.seatState, before);
  givenUp.clear();
  expect([givenUp.has(0), memory.get(1, ThreadWord.seatState)]).toEqual([false, after]);
});
