/**
 * `slow-group`: a group whose handler does not finish until the end, beside a healthy group of the same events and beside events of
 * another type. Once it holds publishers back (`backpressure`), once it is left out when it is full (`shed`).
 * Baseline: the same load without that group.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { restingRssMb } from '../../measure/collect-garbage.ts';
import { runPhase } from '../load-phase.ts';
import { type RuntimeBooks, RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';
import { prefixed } from '../stress-result.ts';
import type { StoppedGroup } from '../stress-setting.ts';

const RATE_PER_SECOND = 8000;
const KEYS = 64;
const Slot = { work: 1, beside: 2 } as const;

interface Measured {
  readonly figures: Figures;
  readonly books: RuntimeBooks;
}

/** Runs the scenario. */
export async function slowGroup(context: StressContext): Promise<StressOutcome> {
  const without = await measure('none', context);
  const backpressure = await measure('backpressure', context);
  const shed = await measure('shed', context);
  const all = [without.books, backpressure.books, shed.books];
  return {
    figures: { ...prefixed('backpressure', backpressure.figures), ...prefixed('shed', shed.figures) },
    baseline: { ...prefixed('backpressure', without.figures), ...prefixed('shed', without.figures) },
    outcomes: added(all.map(({ outcomes }) => outcomes)),
    conservation: { holds: all.every(({ conservation }) => conservation.holds) },
    lost: all.reduce((sum, { lost }) => sum + lost, 0),
    notes: [
      'baseline: the same load without the stopped group',
      'work: the healthy group of the same events; beside: events of another type; half of the load each',
    ],
  };
}

async function measure(stopped: StoppedGroup, context: StressContext): Promise<Measured> {
  const target = await RuntimeTarget.start({ shards: 1, stopped });
  const publish = (index: number, dueUs: number) => {
    const key = (index >> 1) % KEYS;
    return index % 2 === 0 ? target.offer(Slot.work, key, dueUs) : target.offerBeside(Slot.beside, KEYS + key, dueUs);
  };
  const restMb = await restingRssMb();
  const schedule = constantLoad({ ratePerSecond: RATE_PER_SECOND, seconds: context.seconds });
  const name = stopped === 'none' ? 'no stopped group' : `stopped group, ${stopped}`;
  const end = await runPhase(target, { name, schedule, publish, sampled: { work: Slot.work, beside: Slot.beside } }, context);
  const { board } = target;
  const figures: Figures = {
    'work.perSecond': Math.round(board.handled(Slot.work) / end.seconds),
    'work.p90': board.summary(Slot.work).p90,
    'beside.perSecond': Math.round(board.handled(Slot.beside) / end.seconds),
    'beside.p90': board.summary(Slot.beside).p90,
    rssGrowthMb: Number((process.memoryUsage.rss() / 2 ** 20 - restMb).toFixed(1)),
  };
  return { figures, books: await target.close() };
}

function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}
