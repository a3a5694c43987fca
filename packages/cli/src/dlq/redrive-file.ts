/**
 * Redrives the letters of a file through a runtime, and says what is left of the file.
 * Thread: main.
 *
 * 1. Every letter that is chosen is tried without being published: one whose group nobody subscribes to ends it all, and the file stays as it is.
 * 2. Some at a time are put into the store, redriven, and waited for. What is in the store then is left: those that failed again, and others.
 * 3. What was not chosen, or not reached, is left as it stands. Where not everything settled, the letters concerned are left too, and may be handled twice.
 * Memory is bounded by some letters, however long the file is.
 */
import { describeError, isRingmainError } from '@ringmain/core';
import type { LetterLine, Runtime } from 'ringmain';
import type { LetterWriter } from './letter-file.ts';
import { readLetterFile } from './letter-file.ts';

/** What a redrive needs. */
export interface RedriveFileParts {
  readonly runtime: Pick<Runtime, 'deadLetters' | 'drain' | 'config'>;
  readonly path: string;
  readonly fits: (letter: LetterLine) => boolean;
  readonly limit: number;
  readonly ratePerSec: number | undefined;
  readonly stop: AbortSignal;
  /** Hears of letters that cannot be redriven. */
  readonly onRefused: (text: string) => void;
}

/** What became of the letters. */
export interface RedriveFileResult {
  chosen: number;
  redriven: number;
  /** Letters that this runtime's definitions cannot read, and lines that are no letters. */
  refused: number;
  /** Letters in the store once all had settled: what failed again, and what failed because of it. */
  failed: number;
  /** True when not everything settled in time. */
  unsettled: boolean;
}

interface Chosen {
  readonly text: string;
  readonly letter: LetterLine;
}

const BATCH = 100;

/** Tries every chosen letter; throws what a redrive would fail with. */
export async function checkLetters(parts: RedriveFileParts): Promise<RedriveFileResult> {
  const result = emptyResult();
  await eachBatch(
    parts,
    result,
    parts.onRefused,
    () => {},
    async (batch) => {
      const { deadLetters } = parts.runtime;
      const ids = batch.map(({ letter }) => letter.id);
      try {
        await deadLetters.redrive({ ids, dryRun: true });
      } finally {
        deadLetters.take({ limit: ids.length });
      }
    },
  );
  return result;
}

/** Redrives every chosen letter, and writes what is left. */
export async function redriveLetterFile(parts: RedriveFileParts, left: LetterWriter): Promise<RedriveFileResult> {
  const result = emptyResult();
  parts.runtime.deadLetters.onEvict((letter) => {
    result.failed++;
    left.add(letter);
  });
  const keep = ({ text }: { readonly text: string }): void => left.add(text);
  await eachBatch(
    parts,
    result,
    () => {},
    keep,
    (batch) => redriveBatch(parts, result, left, batch),
  );
  return result;
}

async function redriveBatch(
  { runtime, ratePerSec, stop }: RedriveFileParts,
  result: RedriveFileResult,
  left: LetterWriter,
  batch: readonly Chosen[],
): Promise<void> {
  const ids = batch.map(({ letter }) => letter.id);
  try {
    const { redriven } = await runtime.deadLetters.redrive({
      ids,
      signal: stop,
      ...(ratePerSec !== undefined && { ratePerSec }),
    });
    result.redriven += redriven;
  } catch (error) {
    if (!isRingmainError(error, 'RINGMAIN_ABORTED')) throw error;
    result.redriven += Number(error.details['redriven']);
  }
  try {
    await runtime.drain();
  } catch (error) {
    if (!isRingmainError(error, 'RINGMAIN_DELIVERY_TIMEOUT')) throw error;
    result.unsettled = true;
    // Nobody knows which of them are handled; those that are still in the store are taken below.
    for (const { text, letter } of batch) if (runtime.deadLetters.peek(letter.id) === undefined) left.add(text);
  }
  const before = new Set(ids);
  for (const letter of takeAll(runtime)) {
    if (!before.has(letter.id)) result.failed++;
    left.add(letter);
  }
}

/** Takes everything out of the store, some at a time. */
export function* takeAll({ deadLetters }: Pick<Runtime, 'deadLetters'>): Generator<LetterLine> {
  for (let taken = deadLetters.take(); taken.length > 0; taken = deadLetters.take()) yield* taken;
}

/** Gathers the chosen letters of the file into batches; the other lines are kept. */
async function eachBatch(
  { runtime, path, fits, limit, stop }: RedriveFileParts,
  result: RedriveFileResult,
  onRefused: (text: string) => void,
  keep: (line: { readonly text: string }) => void,
  use: (batch: readonly Chosen[]) => Promise<void>,
): Promise<void> {
  // Half of the store is left to what fails meanwhile.
  const size = Math.max(1, Math.min(BATCH, runtime.config.deadLetters.max >> 1));
  let batch: Chosen[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await use(batch);
    batch = [];
  };
  for await (const { text, position, letter, problem } of readLetterFile(path)) {
    const isChosen = letter !== undefined && fits(letter) && result.chosen < limit && !stop.aborted;
    const refusal = letter === undefined ? problem : isChosen ? restore(runtime, letter) : undefined;
    if (refusal !== undefined) {
      result.refused++;
      onRefused(`line ${position}: ${refusal}`);
    }
    if (letter === undefined || !isChosen || refusal !== undefined) {
      keep({ text });
      continue;
    }
    result.chosen++;
    batch.push({ text, letter });
    if (batch.length >= size) await flush();
  }
  await flush();
}

function restore({ deadLetters }: RedriveFileParts['runtime'], letter: LetterLine): string | undefined {
  try {
    return deadLetters.restore(letter) ? undefined : 'the letter stands in the file twice';
  } catch (error) {
    return describeError(error).message;
  }
}

function emptyResult(): RedriveFileResult {
  return { chosen: 0, redriven: 0, refused: 0, failed: 0, unsettled: false };
}
