/**
 * `sustained`: 10 000 events a second in bursts of 10 each millisecond, into a handler that does nothing but measure.
 * Baseline: the same over `postMessage` to one worker.
 *
 * 1. Warm up. 2. Measure latency and depth. 3. Measure CPU of the main thread at a pace that lets it sleep, less what the generator
 * takes by itself at that pace.
 *
 * Thread: main.
 */
import type { LoadOutcome } from '@ringmain/cli/bench';
import { constantLoad, generateLoad, Histogram, mainThreadCpuUs, OutcomeCounts, thriftyPace } from '@ringmain/cli/bench';
import { nowUs } from '../../measure/clock.ts';
import { runPhase } from '../load-phase.ts';
import type { LoadTarget } from '../load-target.ts';
import { PostMessageTarget } from '../post-message-target.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const RATE = { ratePerSecond: 10_000, burst: 10 };
const KEYS = 64;
const WARM_UP_SECONDS = 0.5;
const CPU_SECONDS_MAX = 5;
const DEPTH_LOOK_US = 250;
const Slot = { warmUp: 0, latency: 1, cpu: 2 } as const;
const ACCEPTED: LoadOutcome = Object.freeze({ status: 'accepted', accepted: true });
const clock = { monotonicUs: nowUs };

/** Runs the scenario. */
export async function sustained(context: StressContext): Promise<StressOutcome> {
  const generatorUs = await cpuUsPerEvent(context, () => ACCEPTED);
  const target = await RuntimeTarget.start({ shards: 1 });
  const figures = await measure({ target, runtime: target, name: 'sustained', generatorUs, context });
  const messages = await PostMessageTarget.start();
  // The idle runtime stays and is looked at as often as before, so that looking costs both the same.
  const unseen = { ...context, keep: () => {} };
  const baseline = await measure({ target: messages, runtime: target, name: 'postMessage', generatorUs, context: unseen });
  await messages.stop();
  const notes = ['baseline: postMessage to one worker', 'mainCpuUsPerEvent: what the generator takes by itself is taken off'];
  return { figures, baseline, ...(await target.close()), notes };
}

type Publish = (index: number, dueUs: number) => LoadOutcome;

interface Measurement {
  readonly target: LoadTarget;
  readonly runtime: RuntimeTarget;
  readonly name: string;
  /** What the generator takes per event by itself. */
  readonly generatorUs: number | null;
  readonly context: StressContext;
}

async function measure({ target, runtime, name, generatorUs, context }: Measurement): Promise<Figures> {
  const { board } = target;
  const into =
    (slot: number): Publish =>
    (index, dueUs) =>
      target.offer(slot, index % KEYS, dueUs);
  await warmUp(into(Slot.warmUp));
  await target.settled();
  const depths = new Histogram();
  let accepted = 0;
  let refused = 0;
  let lookUs = nowUs();
  const offer = into(Slot.latency);
  const publish: Publish = (index, dueUs) => {
    const outcome = offer(index, dueUs);
    if (outcome.accepted) accepted += 1;
    else refused += 1;
    return outcome;
  };
  const onTurn = (now: number): void => {
    if (now < lookUs) return;
    depths.record(accepted - board.handled(Slot.latency));
    lookUs = now + DEPTH_LOOK_US;
  };
  const schedule = constantLoad({ ...RATE, seconds: context.seconds });
  await runPhase(runtime, { name, schedule, publish, onTurn, board, sampled: { 'due to handler': Slot.latency } }, context);
  await target.settled();
  const cpuUs = await cpuUsPerEvent(context, into(Slot.cpu));
  await target.settled();
  const { p50, p90, p95, p99, max } = board.summary(Slot.latency);
  return {
    p50,
    p90,
    p95,
    p99,
    max,
    depthP95: depths.summary().p95,
    dropped: refused,
    mainCpuUsPerEvent: cpuUs === null || generatorUs === null ? null : Number((cpuUs - generatorUs).toFixed(3)),
  };
}

/** CPU of the main thread per event while it sleeps between bursts. */
async function cpuUsPerEvent({ seconds }: StressContext, publish: Publish): Promise<number | null> {
  const schedule = constantLoad({ ...RATE, seconds: Math.min(seconds, CPU_SECONDS_MAX) });
  const before = mainThreadCpuUs();
  await generateLoad({ ...parts(publish), schedule, pace: thriftyPace });
  const after = mainThreadCpuUs();
  return before === null || after === null ? null : (after - before) / schedule.events;
}

async function warmUp(publish: Publish): Promise<void> {
  await generateLoad({ ...parts(publish), schedule: constantLoad({ ...RATE, seconds: WARM_UP_SECONDS }) });
}

function parts(publish: Publish) {
  return { publish, clock, outcomes: new OutcomeCounts(), lateness: new Histogram(), stop: new AbortController().signal };
}
