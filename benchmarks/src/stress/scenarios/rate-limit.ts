/**
 * `rate-limit`: twice as many events as `publishRate` allows, once with `publish`, which refuses what is too much, and once with `send`, which waits.
 * Baseline: what the limit allows.
 * Thread: main.
 */
import { constantLoad } from '@ringmain/cli/bench';
import { nowUs } from '../../measure/clock.ts';
import { runPhase } from '../load-phase.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const LIMIT = { perSecond: 2000, burst: 20 };
const OFFERED = 2;
const KEYS = 64;
/** Sends that wait at a time: enough that there is always one when a token comes. */
const WAITING = 64;
const Slot = { published: 1, sent: 2 } as const;

/** Runs the scenario. */
export async function rateLimit(context: StressContext): Promise<StressOutcome> {
  const target = await RuntimeTarget.start({ shards: 1, config: { publishRate: LIMIT } });
  const schedule = constantLoad({ ratePerSecond: LIMIT.perSecond * OFFERED, seconds: context.seconds });
  const publish = (index: number, dueUs: number) => target.offer(Slot.published, index % KEYS, dueUs);
  const end = await runPhase(target, { name: 'publish', schedule, publish }, context);
  const accepted = target.slots[Slot.published]?.accepted ?? 0;
  context.say('rate-limit: send');
  const sent = await sendAll(target, context.seconds);
  const allowed = (seconds: number): number => LIMIT.perSecond * seconds + LIMIT.burst;
  const figures: Figures = {
    'publish.perSecond': Math.round(accepted / end.seconds),
    'publish.ofAllowed': ratio(accepted, allowed(end.seconds)),
    'send.perSecond': Math.round(sent.count / sent.seconds),
    'send.ofAllowed': ratio(sent.count, allowed(sent.seconds)),
    generatorLateP99: end.lateP99,
  };
  const baseline: Figures = {
    'publish.perSecond': LIMIT.perSecond,
    'publish.ofAllowed': 1,
    'send.perSecond': LIMIT.perSecond,
    'send.ofAllowed': 1,
  };
  const notes = [
    `limit: ${LIMIT.perSecond} a second, ${LIMIT.burst} at once; offered: ${OFFERED} times as many, and ${WAITING} sends that wait at any time`,
    'ofAllowed: events that passed, as a share of rate x time + burst',
  ];
  return { figures, baseline, ...(await target.close()), notes };
}

/** Keeps senders waiting for so long; what they were let through, and in what time. */
async function sendAll(target: RuntimeTarget, seconds: number): Promise<{ readonly count: number; readonly seconds: number }> {
  const startUs = nowUs();
  const endUs = startUs + seconds * 1e6;
  let count = 0;
  const sender = async (key: number): Promise<void> => {
    while (nowUs() < endUs) {
      await target.send(Slot.sent, key, nowUs());
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: WAITING }, (_, key) => sender(KEYS + key)));
  return { count, seconds: (nowUs() - startUs) / 1e6 };
}

function ratio(count: number, allowed: number): number {
  return Number((count / allowed).toFixed(4));
}
