/** `chargeDeath`: each death is charged once, to what that very thread had in flight. */
import {
  BAY_SLOT_WORDS,
  LinkWord,
  SlotState,
  SlotWord,
  ThreadWord,
  allocateMemory,
  bayWords,
  laneNumber,
  linkIndex,
  planMemory,
} from '@ringmain/ring';
import { expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { chargeDeath } from '../../dist/coordinator/charge-death.js';
import { threadContext } from '../../dist/thread-context.js';

const SHARD = 1;
const NORMAL = 2;
const STEP_RUNNING = 1;

/** A shard whose thread was in a handler, while promises of others ran in its bay. */
function startDead() {
  const plan = planMemory({ shards: 1, laneBytes: [4096, 4096, 4096, 4096], meshLaneBytes: 4096, baySlots: 4, bayBytes: 16_384 });
  const memory = allocateMemory(plan);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  const context = threadContext({ ...fixed, config: parseConfig({ shards: 1 }), plan, memory, eventsHash: 0, types: [] }, 0);
  const { control } = context;
  const words = (plan.threads[SHARD]?.words ?? 0) >> 2;
  const { slots } = bayWords(plan, memory, SHARD);
  const word = (index: number): number => control[words + index] as number;
  const set = (index: number, value: number): void => void (control[words + index] = value);
  /** A thread takes the words over, and comes as far as handlers. */
  const begin = (): void => {
    set(ThreadWord.generation, word(ThreadWord.generation) + 1);
    control[linkIndex(plan, 0, SHARD) + LinkWord.progress + NORMAL] = 7;
    set(ThreadWord.ledgerLane, laneNumber(0, NORMAL));
    set(ThreadWord.ledgerPosition, 7);
    set(ThreadWord.ledgerStep, STEP_RUNNING);
    for (let base = 0; base < slots.length; base += BAY_SLOT_WORDS) slots[base] = SlotState.running;
  };
  const parked = (): number[] =>
    Array.from({ length: slots.length / BAY_SLOT_WORDS }, (_, slot) => slots[slot * BAY_SLOT_WORDS + SlotWord.crashes] as number);
  return { context, begin, parked, suspect: () => word(ThreadWord.chargeCrashes) };
}

it('charges nothing for a successor that never took over', () => {
  const { context, begin, parked, suspect } = startDead();
  begin();
  for (let deaths = 0; deaths < 5; deaths++) chargeDeath(context, SHARD);
  expect([suspect(), parked()]).toEqual([1, [0, 0, 0, 0]]);
});

it('charges every thread that did', () => {
  const { context, begin, parked, suspect } = startDead();
  for (let deaths = 1; deaths <= 3; deaths++) {
    begin();
    chargeDeath(context, SHARD);
    expect([suspect(), parked()]).toEqual([deaths, [0, 0, 0, 0]]);
  }
});

it('charges nothing to a shard that no thread took over yet', () => {
  const { context, parked, suspect } = startDead();
  chargeDeath(context, SHARD);
  expect([suspect(), parked()]).toEqual([0, [0, 0, 0, 0]]);
});
