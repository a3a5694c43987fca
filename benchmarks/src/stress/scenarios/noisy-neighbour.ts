/**
 * `noisy-neighbour`: three groups in threads of their own, of which one loops, one takes all the memory it can get, and one exits, at every event; beside a
 * healthy group of the same shard.
 * Baseline: the same load without them.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { restingRssMb } from '../../measure/collect-garbage.ts';
import { runPhase } from '../load-phase.ts';
import { type RuntimeBooks, RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const RATE_PER_SECOND = 8000;
/** One event for each of the three groups so often. */
const NOISE_MS = 500;
const KEYS = 64;
const SLOT = 1;

interface Measured {
  readonly figures: Figures;
  readonly books: RuntimeBooks;
}

/** Runs the scenario. */
export async function noisyNeighbour(context: StressContext): Promise<StressOutcome> {
  const without = await measure(false, context);
  const beside = await measure(true, context);
  return {
    figures: beside.figures,
    baseline: without.figures,
    outcomes: beside.books.outcomes,
    conservation: { holds: without.books.conservation.holds && beside.books.conservation.holds },
    lost: without.books.lost + beside.books.lost,
    notes: [
      'baseline: the same load without the noisy groups',
      `each noisy group gets an event every ${NOISE_MS} ms: one loops until its time limit of 200 ms, one dies of its memory limit, one exits`,
    ],
  };
}

async function measure(noisy: boolean, context: StressContext): Promise<Measured> {
  const target = await RuntimeTarget.start({ shards: 1, noisy });
  const publish = (index: number, dueUs: number) => target.offer(SLOT, index % KEYS, dueUs);
  const restMb = await restingRssMb();
  const schedule = constantLoad({ ratePerSecond: RATE_PER_SECOND, seconds: context.seconds });
  const name = noisy ? 'noisy neighbours' : 'no neighbours';
  let key = 0;
  const noise = setInterval(() => noisy && target.makeNoise(key++ % KEYS), NOISE_MS);
  const end = await runPhase(target, { name, schedule, publish, sampled: { work: SLOT } }, context);
  clearInterval(noise);
  const { p50, p90, p99 } = target.board.summary(SLOT);
  const threadsLost = target.runtime.metrics().groups.reduce((sum, group) => sum + group.threadsLost, 0);
  const figures: Figures = {
    'work.perSecond': Math.round(target.board.handled(SLOT) / end.seconds),
    'work.p50': p50,
    'work.p90': p90,
    'work.p99': p99,
    threadsLost,
    rssGrowthMb: Number((process.memoryUsage.rss() / 2 ** 20 - restMb).toFixed(1)),
  };
  return { figures, books: await target.close() };
}
