/**
 * Trials of a circuit breaker over several shards: how soon no call begins any more, and how many calls a half-open breaker lets through.
 * Thread: main. Starts of calls are taken on the shards, by a clock that all threads share.
 */
import type { BreakerNotice } from 'ringmain';
import { createRuntime } from 'ringmain';
import { keysOfShards } from '../workload/keys-of-shards.ts';
import { events } from './breaker-events.ts';

const CALLS_UNTIL_OPEN = 20;
const CALLS = 4000;
const PROBES = 5;
const KEYS = 64;
const HELD = 20;

/** What the probe trials found. */
export interface ProbeTrials {
  readonly shards: number;
  readonly trials: number;
  /** Trials in which exactly as many probes began as there are. */
  readonly exact: number;
  readonly fewest: number;
  readonly most: number;
}

async function open(shards: number) {
  return createRuntime({
    events,
    config: {
      shards,
      log: { level: 'silent' },
      coordinator: { tickMs: 2, idleTickMs: 2 },
      warmSpare: false,
      startTimeoutMs: 120_000,
      deliveryTimeoutMs: 60_000,
    },
    subscribers: [new URL('./breaker-handlers.js', import.meta.url)],
  });
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Milliseconds from the start of the call whose failure opens the breaker to the start of the last call, for each trial. */
export async function tripTimesMs(shards: number, trials: number): Promise<number[]> {
  const runtime = await open(shards);
  const states = await stateQueue(runtime);
  let startsUs: number[] = [];
  let told = 0;
  let allTold: (() => void) | undefined;
  await runtime.subscribe('starts.told', ({ data }) => {
    startsUs.push(...data.startsUs);
    if (++told === shards) allTold?.();
  }).ready;
  const keys = keysOfShards(shards);
  const times: number[] = [];
  const breaker = runtime.breaker('failing');
  for (let trial = 0; trial < trials; trial++) {
    for (let id = 0; id < CALLS; id++) {
      while (!runtime.publish('call.failing', { id, key: id % KEYS }).accepted) await runtime.ready('call.failing');
    }
    await states.until('failing', 'open');
    await runtime.drain();
    startsUs = [];
    told = 0;
    const answered = new Promise<void>((resolve) => (allTold = resolve));
    for (const key of keys) runtime.publish('starts.ask', { key });
    await answered;
    const sorted = startsUs.toSorted((a, b) => a - b);
    times.push(((sorted.at(-1) ?? 0) - (sorted[CALLS_UNTIL_OPEN - 1] ?? 0)) / 1000);
    breaker.forceClosed();
    await states.until('failing', 'forced-closed');
    breaker.auto();
    await states.until('failing', 'closed');
  }
  await runtime.close();
  return times;
}

/** Has a breaker try so many times, and counts the calls that each try lets through. */
export async function probeTrials(shards: number, trials: number): Promise<ProbeTrials> {
  const runtime = await open(shards);
  const states = await stateQueue(runtime);
  const began: number[] = [];
  let wanted = Infinity;
  let enough: (() => void) | undefined;
  await runtime.subscribe('probe.began', ({ data }) => {
    began.push(data.id);
    if (began.length >= wanted) enough?.();
  }).ready;
  const keys = keysOfShards(shards);
  let id = 0;
  const offer = (count: number): void => {
    for (let one = 0; one < count; one++, id++) runtime.publish('call.probe', { id, key: id });
  };
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      wanted = count;
      enough = resolve;
      if (began.length >= count) resolve();
    });
  let failed = 0;
  const fail = async (): Promise<void> => {
    const ids = began.slice(failed);
    failed += ids.length;
    await Promise.all(keys.map((key) => runtime.send('probe.fail', { key, ids }, { until: 'handled' })));
  };
  // Nothing is held back yet: as many fail as open the breaker.
  offer(PROBES);
  await until(PROBES);
  const opened = states.until('probe', 'open');
  await fail();
  await opened;
  const counts: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    offer(trial === 0 ? HELD : PROBES);
    const before = counts.reduce((sum, count) => sum + count, PROBES);
    await until(before + PROBES);
    // Through every shard and back: whatever else would have begun has told so by then.
    await Promise.all(keys.map((key) => runtime.send('call.plain', { id: 0, key }, { until: 'handled' })));
    counts.push(began.length - before);
    const again = states.until('probe', 'open');
    await fail();
    await again;
  }
  // What is left fails as well, so that the runtime can close.
  runtime.breaker('probe').forceClosed();
  await states.until('probe', 'forced-closed');
  await until(id);
  await fail();
  await runtime.close();
  return {
    shards,
    trials,
    exact: counts.filter((count) => count === PROBES).length,
    fewest: Math.min(...counts),
    most: Math.max(...counts),
  };
}

/** Waits for states that a breaker tells of, each of them once. */
async function stateQueue(runtime: Opened) {
  const queue: BreakerNotice[] = [];
  let look: (() => void) | undefined;
  await runtime.subscribe('system.breaker', ({ data }) => {
    queue.push({ ...data });
    look?.();
  }).ready;
  return {
    until: (group: string, state: string): Promise<void> =>
      new Promise((resolve) => {
        look = () => {
          const index = queue.findIndex((notice) => notice.group === group && notice.state === state);
          if (index < 0) return;
          queue.splice(0, index + 1);
          look = undefined;
          resolve();
        };
        look();
      }),
  };
}
