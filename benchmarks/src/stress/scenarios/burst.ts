/**
 * `burst`: 100 000 events at once. What does not fit waits with the publisher until there is room.
 * Baseline: the same over `postMessage`, which takes everything into an unbounded queue.
 * Thread: main.
 */
import { nowUs } from '../../measure/clock.ts';
import { restingRssMb } from '../../measure/collect-garbage.ts';
import type { LoadTarget } from '../load-target.ts';
import { PostMessageTarget } from '../post-message-target.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const EVENTS = 100_000;
const KEYS = 64;
/** Pages that lanes and heaps touch for the first time are no growth. */
const WARM_UPS = 2;
const Slot = { warmUp: 0, burst: 1 } as const;
const MIB = 2 ** 20;

/** Runs the scenario. */
export async function burst({ say }: StressContext): Promise<StressOutcome> {
  say('burst: ringmain');
  const target = await RuntimeTarget.start({ shards: 1 });
  const figures = await measure(target);
  const books = await target.close();
  say('burst: postMessage');
  const messages = await PostMessageTarget.start();
  const baseline = await measure(messages);
  await messages.stop();
  const notes = ['baseline: postMessage to one worker', 'rejected: the event was published again once there was room'];
  return { figures, baseline, ...books, notes };
}

async function measure(target: LoadTarget): Promise<Figures> {
  for (let round = 0; round < WARM_UPS; round++) await publishAll(target, Slot.warmUp);
  const restMb = await restingRssMb();
  const { publishUs, drainedUs, waits, peakMb } = await publishAll(target, Slot.burst);
  const growthMb = (await restingRssMb()) - restMb;
  const { p50, p99, max } = target.board.summary(Slot.burst);
  return {
    publishMs: rounded(publishUs / 1000),
    drainedMs: rounded(drainedUs / 1000),
    p50,
    p99,
    max,
    waits,
    lost: EVENTS - target.board.handled(Slot.burst),
    rssPeakGrowthMb: rounded(peakMb - restMb),
    rssGrowthMb: rounded(growthMb),
  };
}

async function publishAll(target: LoadTarget, slot: number) {
  const dueUs = nowUs();
  let waits = 0;
  for (let index = 0; index < EVENTS; index++) {
    while (!target.offer(slot, index % KEYS, dueUs).accepted) {
      waits += 1;
      await target.room();
    }
  }
  const publishUs = nowUs() - dueUs;
  const peakMb = process.memoryUsage.rss() / MIB;
  await target.settled();
  return { publishUs, drainedUs: nowUs() - dueUs, waits, peakMb };
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
