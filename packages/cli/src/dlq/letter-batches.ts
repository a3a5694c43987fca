/**
 * Gathers the chosen letters of a file into batches that fit into the store of a runtime, and puts them there.
 * Thread: main.
 *
 * A batch has at most half of the letters and half of the bytes that the store keeps: the other half is for what fails meanwhile. With a rate, it takes at
 * most half of the time that a letter is kept.
 */
import { describeError } from '@ringmain/core';
import type { LetterLine, Runtime } from 'ringmain';
import type { FileLine } from './letter-file.ts';

/** Which letters, and where to. */
export interface BatchSource {
  readonly runtime: Pick<Runtime, 'deadLetters' | 'config'>;
  readonly lines: () => AsyncIterable<FileLine>;
  readonly fits: (letter: LetterLine) => boolean;
  readonly limit: number;
  readonly ratePerSec: number | undefined;
  readonly stop: AbortSignal;
}

/** What becomes of the lines. */
export interface BatchUse {
  /** A line that is no letter, or a letter that this runtime does not take. */
  readonly refused: (line: FileLine, why: string) => void;
  /** A letter that was not chosen, or not reached. */
  readonly passed: (line: FileLine) => void;
  /** Called before the first letter of a batch is put into the store. */
  readonly ready: () => Promise<void>;
  /** A letter was put into the store. */
  readonly restored: (id: string, line: FileLine) => void;
  /** A batch is in the store. */
  readonly use: (ids: readonly string[]) => Promise<void>;
}

const BATCH_MAX = 100;
const MS_PER_SECOND = 1000;
/** What a letter takes in the store beside its text: the text of a line is never shorter than the record and the error that are kept of it. */
const LETTER_OVERHEAD_BYTES = 1024;

/** Goes through all lines. */
export async function eachBatch(source: BatchSource, use: BatchUse): Promise<void> {
  const { runtime, fits, limit, stop } = source;
  const { ids: idsMax, bytes: bytesMax } = boundsOf(source);
  let chosen = 0;
  let ids: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (ids.length > 0) await use.use(ids);
    ids = [];
    bytes = 0;
  };
  for await (const line of source.lines()) {
    const { text, letter, problem } = line;
    if (letter === undefined) {
      use.refused(line, problem ?? 'no letter');
      continue;
    }
    const isChosen = fits(letter) && chosen < limit;
    const lineBytes = text.length + LETTER_OVERHEAD_BYTES;
    if (isChosen && !stop.aborted) {
      if (ids.length >= idsMax || bytes + lineBytes > bytesMax) await flush();
      if (ids.length === 0) await use.ready();
    }
    if (!isChosen || stop.aborted) {
      use.passed(line);
      continue;
    }
    const refusal = restore(runtime, letter);
    if (refusal !== undefined) {
      use.refused(line, refusal);
      continue;
    }
    chosen++;
    ids.push(letter.id);
    bytes += lineBytes;
    use.restored(letter.id, line);
  }
  await flush();
}

function boundsOf({ runtime, ratePerSec = Infinity }: BatchSource): { readonly ids: number; readonly bytes: number } {
  const { max, maxBytes, ttlMs } = runtime.config.deadLetters;
  const inTime = Math.floor((ratePerSec * ttlMs) / MS_PER_SECOND / 2);
  return { ids: Math.max(1, Math.min(BATCH_MAX, max >> 1, inTime)), bytes: maxBytes / 2 };
}

function restore({ deadLetters }: BatchSource['runtime'], letter: LetterLine): string | undefined {
  try {
    return deadLetters.restore(letter) ? undefined : 'the letter stands in the file twice';
  } catch (error) {
    return describeError(error).message;
  }
}
