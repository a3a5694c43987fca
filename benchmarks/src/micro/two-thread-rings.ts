/**
 * Raw ring with batch commit against the hand-written loop, on two real threads, in paired slices.
 * Thread: main thread produces; {@link file://./two-thread-consumer.ts} consumes and sleeps between slices.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { nowUs } from '../measure/clock.ts';
import { median, quantile, significant } from '../measure/statistics.ts';
import type { Progress } from '../report/progress.ts';
import { plainProduce } from './plain-ring.ts';
import { openProducer, rawProduce } from './raw-ring.ts';
import { CONTROL_BYTES, END_WORD, RECORD_WORDS, RING_DATA_BYTES, type SideTotals } from './spsc-words.ts';

const SLICE_MS = 200;
const WARM_UP_ROUNDS = 3;

/** Memory of one of the two rings. */
export interface RingMemory {
  readonly control: Int32Array;
  readonly data: Int32Array;
}

/** Given to the consumer thread. */
export interface ConsumerData {
  readonly plain: RingMemory;
  readonly raw: RingMemory;
}

export type RingName = keyof ConsumerData;

export interface RingComparison {
  readonly rawRecordsPerSecond: number | null;
  readonly plainRecordsPerSecond: number | null;
  /** Median of the ratios of raw to plain within a round. */
  readonly ratio: number | null;
  readonly ratioQuartiles: readonly [number | null, number | null];
  readonly rounds: number;
}

/** Runs the comparison. @throws Error when a consumer saw other records than were produced */
export async function compareRings(rounds: number, progress: Progress): Promise<RingComparison> {
  const memory: ConsumerData = { plain: ringMemory(), raw: ringMemory() };
  const consumer = new Worker(new URL('./two-thread-consumer.js', import.meta.url), { workerData: memory });
  await once(consumer, 'message');
  const ring = openProducer(memory.raw.control, memory.raw.data);
  const produce: Record<RingName, (deadlineUs: number) => SideTotals> = {
    plain: (deadlineUs) => plainProduce(memory.plain.control, memory.plain.data, deadlineUs),
    raw: (deadlineUs) => rawProduce(ring, memory.raw.control, memory.raw.data, deadlineUs),
  };
  const slice = async (name: RingName): Promise<number> => {
    Atomics.store(memory[name].control, END_WORD, 0);
    const consumed = once(consumer, 'message') as Promise<[SideTotals]>;
    consumer.postMessage(name);
    const start = nowUs();
    const produced = produce[name](start + SLICE_MS * 1e3);
    const [seen] = await consumed;
    const seconds = (nowUs() - start) / 1e6;
    check(name, produced, seen);
    return produced.records / seconds;
  };
  const rates: Record<RingName, number[]> = { plain: [], raw: [] };
  try {
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      progress.update(`raw ring against plain loop: round ${Math.max(0, round + 1)}/${rounds}`);
      const order: readonly RingName[] = round % 2 === 0 ? ['plain', 'raw'] : ['raw', 'plain'];
      for (const name of order) {
        const rate = await slice(name);
        if (round >= 0) rates[name].push(rate);
      }
    }
  } finally {
    await consumer.terminate();
    progress.clear();
  }
  const ratios = rates.raw.map((rate, round) => rate / (rates.plain[round] ?? Number.NaN));
  return {
    rawRecordsPerSecond: significant(median(rates.raw)),
    plainRecordsPerSecond: significant(median(rates.plain)),
    ratio: significant(median(ratios)),
    ratioQuartiles: [significant(quantile(ratios, 0.25)), significant(quantile(ratios, 0.75))],
    rounds,
  };
}

function ringMemory(): RingMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(CONTROL_BYTES)),
    data: new Int32Array(new SharedArrayBuffer(RING_DATA_BYTES)),
  };
}

/** Record n holds n, n + 1 … n + 15, so the consumer's sum follows from the producer's. */
function check(name: RingName, produced: SideTotals, seen: SideTotals): void {
  const offsets = (RECORD_WORDS * (RECORD_WORDS - 1)) / 2;
  const sum = (Math.imul(produced.sum, RECORD_WORDS) + Math.imul(produced.records, offsets)) | 0;
  if (seen.records !== produced.records || seen.sum !== sum)
    throw new Error(
      `${name} ring: produced ${produced.records} records with sum ${sum}, consumed ${seen.records} with sum ${seen.sum}`,
    );
}
