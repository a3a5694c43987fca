/**
 * Redrives the letters of a file through a runtime, and says what is left of the file.
 * Thread: main.
 *
 * 1. Every letter that is chosen is tried without being published: one whose group nobody subscribes to ends it all, and the file stays as it is.
 * 2. Some at a time are put into the store, redriven, and waited for. What is in the store then is left: those that failed again, and others.
 * 3. What was not chosen, or not reached, is left as it stands. Where not everything settled, the letters concerned are left too, and may be handled twice.
 * Invariant: a letter that was put into the store is redriven or left, whatever the store does with it. Memory is bounded by some letters, however long
 * the file is.
 */
import type { Clock } from '@ringmain/core';
import { isRingmainError } from '@ringmain/core';
import type { LetterLine, Runtime } from 'ringmain';
import type { BatchSource } from './letter-batches.ts';
import { eachBatch } from './letter-batches.ts';
import type { LetterWriter } from './letter-file.ts';

/** What a redrive needs. */
export interface RedriveFileParts extends BatchSource {
  readonly runtime: Pick<Runtime, 'deadLetters' | 'drain' | 'config'>;
  /** Hears of letters that cannot be redriven. */
  readonly onRefused: (text: string) => void;
  readonly clock: Clock;
  /** Waits; never rejects, and may be early. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What became of the letters. */
export interface RedriveFileResult {
  chosen: number;
  redriven: number;
  /** Letters that this runtime cannot publish, and lines that are no letters. */
  refused: number;
  /** Letters in the store once all had settled: what failed again, and what failed because of it. */
  failed: number;
  /** Letters that left the store before they were redriven: there was no room any more, or they had waited for too long. */
  displaced: number;
  /** True when not everything settled in time. */
  unsettled: boolean;
}

const US_PER_MS = 1000;
const US_PER_SECOND = 1_000_000;
/** Longest pause of the platform's timers. */
const PAUSE_MS_MAX = 2 ** 31 - 1;

/** Tries every chosen letter; throws what a redrive would fail with. */
export async function checkLetters(parts: RedriveFileParts): Promise<RedriveFileResult> {
  const { deadLetters } = parts.runtime;
  const result = emptyResult();
  await eachBatch(parts, {
    refused: ({ position }, why) => {
      result.refused++;
      parts.onRefused(`line ${position}: ${why}`);
    },
    passed: () => {},
    ready: async () => {},
    restored: () => result.chosen++,
    use: async (ids) => {
      try {
        await deadLetters.redrive({ ids, dryRun: true });
      } finally {
        deadLetters.take({ limit: ids.length });
      }
    },
  });
  return result;
}

/** Redrives every chosen letter, and writes what is left. */
export async function redriveLetterFile(parts: RedriveFileParts, left: LetterWriter): Promise<RedriveFileResult> {
  const redrive = new FileRedrive(parts, left);
  await redrive.run();
  return redrive.result;
}

/** Takes everything out of the store, some at a time. */
export function* takeAll({ deadLetters }: Pick<Runtime, 'deadLetters'>): Generator<LetterLine> {
  for (let taken = deadLetters.take(); taken.length > 0; taken = deadLetters.take()) yield* taken;
}

class FileRedrive {
  readonly result = emptyResult();
  private readonly parts: RedriveFileParts;
  private readonly left: LetterWriter;
  /** Lines of the letters of this batch, by id, but for those that the store gave up. */
  private readonly batch = new Map<string, string>();
  /** When the next event may be published. */
  private dueUs = -Infinity;

  constructor(parts: RedriveFileParts, left: LetterWriter) {
    this.parts = parts;
    this.left = left;
  }

  async run(): Promise<void> {
    const { result, left, batch } = this;
    this.parts.runtime.deadLetters.onEvict((letter) => this.givenUp(letter));
    await eachBatch(this.parts, {
      refused: ({ text }) => {
        result.refused++;
        left.add(text);
      },
      passed: ({ text }) => left.add(text),
      ready: () => this.untilDue(),
      restored: (id, { text }) => {
        result.chosen++;
        batch.set(id, text);
      },
      use: (ids) => this.redrive(ids),
    });
  }

  private givenUp(letter: LetterLine): void {
    const text = this.batch.get(letter.id);
    this.batch.delete(letter.id);
    if (text === undefined) this.result.failed++;
    else this.result.displaced++;
    this.left.add(text ?? letter);
  }

  private async redrive(ids: readonly string[]): Promise<void> {
    const { runtime } = this.parts;
    const redriven = await this.publish(ids);
    this.result.redriven += redriven;
    const isSettled = await this.settles();
    const published = [...this.batch].filter(([id]) => runtime.deadLetters.peek(id) === undefined);
    // Nobody knows which of them are handled, or which were published where there are more of them than events.
    if (!isSettled || published.length > redriven) {
      this.result.unsettled = true;
      for (const [, text] of published) this.left.add(text);
    }
    for (const letter of takeAll(runtime)) {
      const text = this.batch.get(letter.id);
      if (text === undefined) this.result.failed++;
      this.left.add(text ?? letter);
    }
    this.batch.clear();
  }

  /** Returns how many events were accepted. */
  private async publish(ids: readonly string[]): Promise<number> {
    const { runtime, ratePerSec, stop, clock } = this.parts;
    const rate = ratePerSec === undefined ? {} : { ratePerSec };
    try {
      const { redriven } = await runtime.deadLetters.redrive({ ids, signal: stop, ...rate });
      if (ratePerSec !== undefined && redriven > 0) this.dueUs = clock.monotonicUs() + US_PER_SECOND / ratePerSec;
      return redriven;
    } catch (error) {
      if (!isRingmainError(error, 'RINGMAIN_ABORTED')) throw error;
      return Number(error.details['redriven']);
    }
  }

  private async settles(): Promise<boolean> {
    try {
      await this.parts.runtime.drain();
      return true;
    } catch (error) {
      if (!isRingmainError(error, 'RINGMAIN_DELIVERY_TIMEOUT')) throw error;
      return false;
    }
  }

  /** A rate holds from one batch to the next. */
  private async untilDue(): Promise<void> {
    const { clock, pause, stop } = this.parts;
    for (let waitMs = 1; waitMs > 0 && !stop.aborted;) {
      waitMs = (this.dueUs - clock.monotonicUs()) / US_PER_MS;
      if (waitMs > 0) await pause(Math.min(Math.ceil(waitMs), PAUSE_MS_MAX), stop);
    }
  }
}

function emptyResult(): RedriveFileResult {
  return { chosen: 0, redriven: 0, refused: 0, failed: 0, displaced: 0, unsettled: false };
}
