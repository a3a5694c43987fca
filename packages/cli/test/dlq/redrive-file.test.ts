/** A redrive of a file, whatever the store of the runtime does with the letters: none is lost, batches fit, and the rate holds. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LetterGivenUp, LetterLine, RedriveOptions, Runtime, RuntimeConfigInput } from 'ringmain';
import { createRuntime, defineEvents, parseConfig } from 'ringmain';
// tidy: own runtime: the conservation law is checked here
import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { LetterWriter, readLetterFile } from '../../dist/dlq/letter-file.js';
import type { RedriveFileParts, RedriveFileResult } from '../../dist/dlq/redrive-file.js';
import { redriveLetterFile, takeAll } from '../../dist/dlq/redrive-file.js';
import { letterLine } from './letter-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringmain-redrive-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A clock that stands still until it is moved. */
function stillClock() {
  let us = 0;
  return { monotonicUs: () => us, wallMs: () => us / 1000, advance: (by: number) => void (us += by) };
}

type Port = RedriveFileParts['runtime'];

/** A store without a runtime, whose letters leave when the test says so. */
function fakeRuntime(given: RuntimeConfigInput['deadLetters'] = {}) {
  const kept = new Map<string, LetterLine>();
  const batches: string[][] = [];
  let spill: ((letter: LetterLine, why: LetterGivenUp) => void) | undefined;
  const fake = {
    batches,
    /** Called before a letter is redriven; false leaves it out, as if it were gone. */
    before: (_id: string): boolean => true,
    giveUp: (id: string, why: LetterGivenUp): void => {
      const letter = kept.get(id);
      kept.delete(id);
      if (letter !== undefined) spill?.(letter, why);
    },
    lose: (id: string): void => void kept.delete(id),
    config: parseConfig({ deadLetters: given }),
    drain: async () => {},
    deadLetters: {
      restore: (letter: LetterLine): boolean => !kept.has(letter.id) && kept.set(letter.id, letter).size > 0,
      peek: (id: string) => kept.get(id),
      onEvict: (to: typeof spill) => void (spill = to),
      take: (): LetterLine[] => {
        const taken = [...kept.values()];
        kept.clear();
        return taken;
      },
      redrive: async ({ ids = [] }: RedriveOptions) => {
        batches.push([...ids]);
        let redriven = 0;
        for (const id of ids) if (fake.before(id) && kept.delete(id)) redriven++;
        return { matched: ids.length, redriven, gone: ids.length - redriven };
      },
    },
  };
  return fake;
}

async function redrive(
  runtime: unknown,
  lines: readonly string[],
  more: Partial<RedriveFileParts> = {},
): Promise<{ readonly result: RedriveFileResult; readonly left: readonly LetterLine[] }> {
  const from = join(folder, `${++files}.ndjson`);
  const to = `${from}.left`;
  writeFileSync(from, lines.join('\n'));
  writeFileSync(to, '');
  const writer = new LetterWriter(to);
  const parts: RedriveFileParts = {
    runtime: runtime as Port,
    lines: () => readLetterFile(from),
    fits: () => true,
    limit: Infinity,
    ratePerSec: undefined,
    stop: new AbortController().signal,
    onRefused: () => {},
    clock: stillClock(),
    pause: () => Promise.reject(new Error('a pause without a rate')),
    ...more,
  };
  const result = await redriveLetterFile(parts, writer);
  writer.flush();
  const text = readFileSync(to, 'utf8').split('\n');
  return { result, left: text.filter((line) => line !== '').map((line) => JSON.parse(line) as LetterLine) };
}

const idsOf = (letters: readonly LetterLine[]): string[] => letters.map(({ id }) => id);

describe('redriveLetterFile()', () => {
  test('letters that leave the store before their turn are left in the file, as they were, and counted', async () => {
    const runtime = fakeRuntime();
    runtime.before = (id) => {
      if (id === 'b') for (const late of ['c', 'd']) runtime.giveUp(late, late === 'c' ? 'expired' : 'evicted');
      return true;
    };
    const lines = ['a', 'b', 'c', 'd', 'e'].map((id) => letterLine(id));
    const { result, left } = await redrive(runtime, lines);
    expect(result).toEqual({ chosen: 5, redriven: 3, refused: 0, failed: 0, displaced: 2, unsettled: false });
    expect(left).toEqual([lines[2], lines[3]].map((line) => JSON.parse(line as string)));
  });

  test('what failed again and is given up is written too, and is no letter of the batch', async () => {
    const runtime = fakeRuntime();
    runtime.drain = async () => {
      for (const id of ['x', 'y']) runtime.deadLetters.restore(JSON.parse(letterLine(id)) as LetterLine);
      runtime.giveUp('x', 'evicted');
    };
    const { result, left } = await redrive(runtime, [letterLine('a')]);
    expect(result).toMatchObject({ redriven: 1, failed: 2, displaced: 0 });
    expect(idsOf(left)).toEqual(['x', 'y']);
  });

  test('letters that are gone without a word are all kept, since nobody knows which were published', async () => {
    const runtime = fakeRuntime();
    runtime.before = (id) => {
      if (id === 'b') runtime.lose('b');
      return true;
    };
    const { result, left } = await redrive(
      runtime,
      ['a', 'b'].map((id) => letterLine(id)),
    );
    expect(result).toMatchObject({ redriven: 1, unsettled: true });
    expect(idsOf(left)).toEqual(['a', 'b']);
  });

  test('a batch has at most half of what the store keeps, in letters and in bytes; a large letter goes alone', async () => {
    const few = fakeRuntime({ max: 4 });
    await redrive(
      few,
      ['a', 'b', 'c', 'd', 'e'].map((id) => letterLine(id)),
    );
    expect(few.batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    const small = fakeRuntime({ maxBytes: 65_536 });
    await redrive(small, [
      letterLine('a', 8192),
      letterLine('b', 8192),
      letterLine('c', 8192),
      letterLine('d', 60_000),
      letterLine('e'),
    ]);
    expect(small.batches).toEqual([['a', 'b'], ['c'], ['d'], ['e']]);
  });

  test('a rate holds from one batch to the next, and a batch at a rate takes no longer than half of the time that letters are kept', async () => {
    const clock = stillClock();
    const pauses: number[] = [];
    const runtime = fakeRuntime({ ttlMs: 4000 });
    // Half of the pause has passed when the batch has settled; and timers may be early.
    runtime.drain = async () => clock.advance(250_000);
    const pause = async (ms: number): Promise<void> => {
      pauses.push(ms);
      clock.advance(pauses.length === 1 ? 50_000 : ms * 1000);
    };
    const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((id) => letterLine(id));
    await redrive(runtime, lines, { ratePerSec: 2, clock, pause });
    expect(runtime.batches.map(({ length }) => length)).toEqual([4, 4, 1]);
    expect(pauses).toEqual([250, 200, 250]);
  });

  test('a stop ends a pause, and what was not reached stays', async () => {
    const stop = new AbortController();
    const runtime = fakeRuntime({ max: 2 });
    const pause = async (): Promise<void> => stop.abort();
    const { result, left } = await redrive(
      runtime,
      ['a', 'b', 'c'].map((id) => letterLine(id)),
      {
        ratePerSec: 0.01,
        pause,
        stop: stop.signal,
      },
    );
    expect(result).toMatchObject({ chosen: 1, redriven: 1 });
    expect(idsOf(left)).toEqual(['b', 'c']);
  });
});

describe('redriveLetterFile() through a runtime', () => {
  test('letters of more bytes than the store keeps are all redriven', async () => {
    const events = defineEvents({ 'work.done': { schema: z.object({ id: z.int(), text: z.string() }), codec: 'json' } });
    const start = (maxBytes: number): Promise<Runtime<{ 'work.done': { id: number; text: string } }>> =>
      createRuntime({
        events,
        config: { shards: 0, retry: { maxAttempts: 1 }, deadLetters: { maxBytes }, log: { level: 'silent' } },
      });
    const first = await start(1 << 24);
    await first.subscribe(
      'work.done',
      () => {
        throw new Error('not yet');
      },
      { group: 'own' },
    ).ready;
    for (let id = 0; id < 60; id++) expect(first.publish('work.done', { id, text: 'x'.repeat(2048) }).accepted).toBe(true);
    await first.drain();
    const lines = [...takeAll(first)].map((line) => JSON.stringify(line));
    expect(lines).toHaveLength(60);
    const second = await start(65_536);
    const handled: number[] = [];
    await second.subscribe('work.done', ({ data: { id } }) => void handled.push(id), { group: 'own' }).ready;
    const { result, left } = await redrive(second, lines);
    for (const { metrics } of [await first.close(), await second.close()])
      expect(metrics.conservation).toMatchObject({ holds: true, inFlight: 0 });
    expect(result).toEqual({ chosen: 60, redriven: 60, refused: 0, failed: 0, displaced: 0, unsettled: false });
    expect(handled).toEqual(Array.from({ length: 60 }, (_, id) => id));
    expect(left).toEqual([]);
  });
});
