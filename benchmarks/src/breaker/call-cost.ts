/**
 * What a call through bulkhead, circuit breaker and time limit costs: here, in cockatiel and in opossum, on one thread and in one run.
 *
 * 1. Every contender calls the same kind of function, which returns a promise that is settled already, many at a time.
 * 2. Slices of all contenders take turns, so that what disturbs the machine disturbs all; ratios are of slices of one round.
 * 3. What is charged is CPU time of the process. A slice begins after a full garbage collection, which is charged to nobody, and ends with turns of the event
 *    loop: else what a contender leaves for later, hundreds of milliseconds of it, would be charged to the next one. `added` is what remains without the calls themselves: for ringmain the same events through a group
 *    without bulkhead, breaker and time limit; for the others the function without a policy.
 * Thread: main, which also runs the handlers.
 */
import { ConsecutiveBreaker, TimeoutStrategy, bulkhead, circuitBreaker, handleAll, timeout, wrap } from 'cockatiel';
import CircuitBreaker from 'opossum';
import { createRuntime, type Runtime } from 'ringmain';
import { nowUs } from '../measure/clock.ts';
import { collectGarbage } from '../measure/collect-garbage.ts';
import { median, pairedRatios } from '../measure/statistics.ts';
import { processCpuUs } from '../measure/thread-cpu.ts';
import { events } from './breaker-events.ts';
import { handled } from './handled-calls.ts';

/** Calls that are waited for together. Libraries whose cost grows with what is under way get fewer. */
const CALLS_AT_ONCE = 100;
const EVENTS_AT_ONCE = 500;
/** Permits; nobody ever waits for one. */
const CALLS_AT_ONCE_MAX = 1000;
const TIMEOUT_MS = 5000;
const KEYS = 64;
/** Turns of the event loop that a slice waits for, for what its calls left to do. */
const TURNS_AFTER = 3;

/** Figures of one contender; times in microseconds per call. */
export interface CallCost {
  readonly contender: string;
  readonly callUs: number | null;
  /** The same without what a call without protection costs. */
  readonly addedUs: number | null;
}

/** All of them, and the ratios that matter. */
export interface CallCosts {
  readonly rounds: number;
  readonly rows: readonly CallCost[];
  /** Events of ringmain, publish and delivery included, against the calls of the cheaper library. */
  readonly wholeRatio: number | null;
  /** What protection adds to an event, against what the cheaper library adds to a call. */
  readonly addedRatio: number | null;
}

/** Makes calls and waits for them; gives their number. */
type Batch = () => Promise<number>;

/** Measures all contenders. */
export async function measureCallCosts(rounds: number, sliceMs: number): Promise<CallCosts> {
  const runtime = await createRuntime({
    events,
    config: { shards: 0, log: { level: 'fatal' } },
    subscribers: [new URL('./breaker-handlers.js', import.meta.url)],
  });
  const contenders: Readonly<Record<string, Batch>> = {
    'no policy': batchOf(call),
    cockatiel: batchOf(cockatielCall()),
    opossum: batchOf(opossumCall()),
    'ringmain, unprotected': eventsOf(runtime, 'call.plain'),
    ringmain: eventsOf(runtime, 'call.guarded'),
  };
  const slices = new Map(Object.keys(contenders).map((name) => [name, new Map<number, number>()]));
  for (const batch of Object.values(contenders)) await slice(batch, sliceMs);
  for (let round = 0; round < rounds; round++)
    for (const [name, batch] of Object.entries(contenders)) slices.get(name)?.set(round, await slice(batch, sliceMs));
  await runtime.close();
  return report(slices, rounds);
}

function report(slices: ReadonlyMap<string, ReadonlyMap<number, number>>, rounds: number): CallCosts {
  const of = (name: string): ReadonlyMap<number, number> => slices.get(name) ?? new Map<number, number>();
  const minus = (name: string, base: string): Map<number, number> =>
    new Map([...of(name)].map(([round, us]) => [round, us - (of(base).get(round) ?? 0)]));
  const added = new Map([
    ['cockatiel', minus('cockatiel', 'no policy')],
    ['opossum', minus('opossum', 'no policy')],
    ['ringmain', minus('ringmain', 'ringmain, unprotected')],
  ]);
  const middle = (values: ReadonlyMap<number, number> | undefined): number | null => median([...(values?.values() ?? [])]);
  const cheaper = (middle(of('cockatiel')) ?? 0) <= (middle(of('opossum')) ?? 0) ? 'cockatiel' : 'opossum';
  const ratio = (one?: ReadonlyMap<number, number>, other?: ReadonlyMap<number, number>): number | null =>
    one === undefined || other === undefined ? null : median(pairedRatios(one, other));
  return {
    rounds,
    rows: [...slices.keys()].map((contender) => ({
      contender,
      callUs: middle(of(contender)),
      addedUs: middle(added.get(contender)),
    })),
    wholeRatio: ratio(of('ringmain'), of(cheaper)),
    addedRatio: ratio(added.get('ringmain'), added.get(cheaper)),
  };
}

/** CPU microseconds per call in a slice. */
async function slice(batch: Batch, sliceMs: number): Promise<number> {
  collectGarbage();
  const endUs = nowUs() + sliceMs * 1000;
  const beforeUs = processCpuUs();
  let calls = 0;
  while (nowUs() < endUs) {
    calls += await batch();
  }
  for (let turn = 0; turn < TURNS_AFTER; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  return (processCpuUs() - beforeUs) / calls;
}

const call = async (): Promise<void> => {};

function batchOf(execute: () => PromiseLike<unknown>): Batch {
  return async () => (await Promise.all(Array.from({ length: CALLS_AT_ONCE }, execute))).length;
}

function cockatielCall(): () => Promise<unknown> {
  const policy = wrap(
    bulkhead(CALLS_AT_ONCE_MAX, CALLS_AT_ONCE_MAX),
    circuitBreaker(handleAll, { halfOpenAfter: 1000, breaker: new ConsecutiveBreaker(20) }),
    timeout(TIMEOUT_MS, TimeoutStrategy.Aggressive),
  );
  return () => policy.execute(call);
}

function opossumCall(): () => Promise<unknown> {
  const breaker = new CircuitBreaker(call, {
    timeout: TIMEOUT_MS,
    capacity: CALLS_AT_ONCE_MAX,
    errorThresholdPercentage: 50,
    volumeThreshold: 20,
  });
  return () => breaker.fire();
}

/** Publishes events and waits until their handlers have ended. */
function eventsOf(
  runtime: Pick<Runtime<{ 'call.plain': Call; 'call.guarded': Call }>, 'publish'>,
  type: 'call.plain' | 'call.guarded',
): Batch {
  let id = 0;
  return async () => {
    const goal = handled.count + EVENTS_AT_ONCE;
    for (let one = 0; one < EVENTS_AT_ONCE; one++, id++) runtime.publish(type, { id, key: id % KEYS });
    while (handled.count < goal) await new Promise<void>((resolve) => void setImmediate(resolve));
    return EVENTS_AT_ONCE;
  };
}

interface Call {
  readonly id: number;
  readonly key: number;
}
