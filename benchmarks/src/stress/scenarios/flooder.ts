/**
 * `flooder`: a handler of one shard publishes to another shard as fast as it can, beside a publisher that keeps to 200 events a second there. Once with the
 * degradation ladder, once without, and both in the same priority.
 * Baseline: the paced publisher alone.
 * Thread: main; the flood runs in a shard.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { runPhase } from '../load-phase.ts';
import { spinIterationsFor } from '../measure-capacity.ts';
import { type RuntimeBooks, RuntimeTarget, keysOf } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';
import { prefixed } from '../stress-result.ts';

const HANDLER_US = 20;
const PACED_PER_SECOND = 200;
const SHARDS = 2;
/** Keys of the paced publisher end here, and those of the flood begin. */
const KEYS = 256;
/** The flood takes the slot after that of the paced events. */
const Slot = { paced: 1, flood: 2 } as const;

interface Measured {
  readonly figures: Figures;
  readonly books: RuntimeBooks;
}

/** Runs the scenario. */
export async function flooder(context: StressContext): Promise<StressOutcome> {
  const alone = await measure('alone', context);
  const guarded = await measure('ladder', context);
  const unguarded = await measure('no ladder', context);
  const all = [alone, guarded, unguarded];
  const baseline = Object.fromEntries(Object.entries(alone.figures).filter(([name]) => name.startsWith('paced')));
  return {
    figures: { ...prefixed('ladder', guarded.figures), ...prefixed('noLadder', unguarded.figures) },
    baseline: { ...prefixed('ladder', baseline), ...prefixed('noLadder', baseline) },
    outcomes: guarded.books.outcomes,
    conservation: { holds: all.every(({ books }) => books.conservation.holds) },
    lost: all.reduce((sum, { books }) => sum + books.lost, 0),
    notes: [
      'baseline: the paced publisher alone',
      `paced: ${PACED_PER_SECOND} a second from the main thread; flood: a handler of the other shard, at full speed; handlers of ${HANDLER_US} us`,
    ],
  };
}

async function measure(name: 'alone' | 'ladder' | 'no ladder', context: StressContext): Promise<Measured> {
  const target = await RuntimeTarget.start({
    shards: SHARDS,
    spinIterations: spinIterationsFor(HANDLER_US),
    config: { flow: { ladder: { enabled: name !== 'no ladder' } } },
  });
  const paced = keysOf(0, SHARDS, 0, KEYS);
  const schedule = constantLoad({ ratePerSecond: PACED_PER_SECOND, seconds: context.seconds });
  const publish = (index: number, dueUs: number) => target.offer(Slot.paced, paced[index % paced.length] ?? 0, dueUs);
  if (name !== 'alone') target.flood(keysOf(1, SHARDS, 0, KEYS)[0] ?? 0, Slot.flood, keysOf(0, SHARDS, KEYS, 2 * KEYS));
  const end = await runPhase(target, { name, schedule, publish, sampled: { paced: Slot.paced } }, context);
  target.board.release();
  const { board } = target;
  const { p50, p90, p95, p99 } = board.summary(Slot.paced);
  const refused = (target.slots[Slot.paced]?.total ?? 0) - (target.slots[Slot.paced]?.accepted ?? 0);
  const figures: Figures = {
    'paced.p50': p50,
    'paced.p90': p90,
    'paced.p95': p95,
    'paced.p99': p99,
    'paced.refused': refused,
    'flood.perSecond': Math.round(board.handled(Slot.flood) / end.seconds),
    generatorLateP99: end.lateP99,
  };
  return { figures, books: await target.close() };
}
