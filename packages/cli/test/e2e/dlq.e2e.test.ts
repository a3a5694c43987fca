/** `ringmain run --dead-letters` and `ringmain dlq` as child processes, over a file of letters. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LetterLine } from 'ringmain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringmain-dlq-'));
const written = join(folder, 'written.ndjson');
const orders = Array.from({ length: 20 }, (_, id) => `{"type":"order.placed","data":{"id":${id},"amount":1},"key":"k${id % 3}"}`);

const lettersOf = (file: string): LetterLine[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LetterLine);
const idOf = ({ event }: LetterLine): number => (event.data as { readonly id: number }).id;

/** A file of its own, with what the run wrote. */
function copy(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, readFileSync(written));
  return file;
}

beforeAll(async () => {
  const ended = await run(['run', 'ringmain-letters.json', '--quiet', '--dead-letters', written], { input: orders.join('\n') });
  expect(ended).toMatchObject({ code: 1, err: '' });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('ringmain dlq', () => {
  test('finds every letter of the run in the file, although the store holds four', async () => {
    // Every second order and every fifth, of which some are both.
    expect(lettersOf(written).map(idOf)).toEqual([0, 2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18]);
    expect(lettersOf(written)[1]).toMatchObject({
      group: 'store',
      reason: 'non-retryable',
      attempts: 1,
      shard: 0,
      error: { name: 'NonRetryableError', message: 'order 2' },
      event: { type: 'order.placed', partitionkey: 'k2', specversion: '1.0' },
    });
    expect(await run(['dlq', 'count', written])).toEqual({ code: 0, out: '12\n', err: '' });
    expect(await run(['dlq', 'count', written, '--group', 'print'])).toMatchObject({ out: '0\n' });
    expect(await run(['dlq', 'count', written, '--type', 'order.*', '--reason', 'non-retryable'])).toMatchObject({ out: '12\n' });
    const list = await run(['dlq', 'list', written, '--limit', '2']);
    expect(list.out).toMatch(/^died +first failed +group +reason .*\n.* store .*non-retryable .*order 0 is cursed.*\n.*order 2 /);
    expect(list.err).toBe('note: 10 more letters; --limit shows more\n');
    const id = lettersOf(written)[1]?.id ?? '';
    expect(JSON.parse((await run(['dlq', 'peek', written, id])).out)).toEqual(lettersOf(written)[1]);
    expect(await run(['dlq', 'peek', written, 'nobody'])).toMatchObject({ code: 1, out: '' });
  });

  test('finds those too that the store kept for too long', async () => {
    const file = join(folder, 'old.ndjson');
    const env = { RINGMAIN_DEADLETTERS__TTLMS: '1' };
    const ended = await run(['run', 'ringmain-letters.json', '--quiet', '--dead-letters', file], {
      input: orders.join('\n'),
      env,
    });
    expect(ended).toMatchObject({ code: 1, err: '' });
    expect(lettersOf(file).map(idOf)).toEqual([0, 2, 4, 5, 6, 8, 10, 12, 14, 15, 16, 18]);
  });

  test('redrives what is chosen, leaves the rest, and what fails again comes back', async () => {
    const file = copy('redrive.ndjson');
    const env = { TEST_FIXED: '1' };
    const dry = await run(['dlq', 'redrive', 'ringmain-letters.json', file, '--dry-run'], { env });
    expect(dry).toEqual({ code: 0, out: '12 letters would be redriven, 0 could not\n', err: '' });
    expect(readFileSync(file, 'utf8')).toBe(readFileSync(written, 'utf8'));
    const some = await run(['dlq', 'redrive', 'ringmain-letters.json', file, '--limit', '3', '--rate', '1000'], { env });
    expect(some).toMatchObject({ code: 1, out: '3 letters chosen, 3 redriven, 1 failed again, 0 refused\n' });
    expect(lettersOf(file).map(idOf)).toEqual(expect.arrayContaining([0, 5, 6, 8, 10, 12, 14, 15, 16, 18]));
    expect(lettersOf(file)).toHaveLength(10);
    const all = await run(['dlq', 'redrive', 'ringmain-letters.json', file, '--group', 'store'], { env });
    expect(all).toMatchObject({ code: 1, out: '10 letters chosen, 10 redriven, 4 failed again, 0 refused\n' });
    const left = lettersOf(file);
    expect(left.map((line) => [idOf(line), line.redrives]).toSorted(([a = 0], [b = 0]) => a - b)).toEqual([
      [0, 2],
      [5, 1],
      [10, 1],
      [15, 1],
    ]);
    expect(await run(['dlq', 'purge', file, '--reason', 'non-retryable'])).toMatchObject({
      code: 0,
      out: '4 letters removed, 0 left\n',
    });
    expect(readFileSync(file, 'utf8')).toBe('');
  });

  test('a group that nobody subscribes to ends a redrive before it begins', async () => {
    const file = copy('unknown.ndjson');
    appendFileSync(file, `${JSON.stringify({ ...lettersOf(written)[0], id: 'other/gone', group: 'gone' })}\n`);
    const before = readFileSync(file, 'utf8');
    const ended = await run(['dlq', 'redrive', 'ringmain-letters.json', file], { env: { TEST_FIXED: '1' } });
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(/RINGMAIN_GROUP_UNKNOWN: no group gone takes events of order.placed now \(allowed: store, print\)/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('letters of a configuration that allowed larger records are refused, and stay', async () => {
    const file = copy('large.ndjson');
    const env = { TEST_FIXED: '1', RINGMAIN_RECORDBYTESMAX: '256' };
    const [first] = lettersOf(written) as [LetterLine];
    const record = Buffer.concat([Buffer.from(first.record, 'base64'), Buffer.alloc(256)]);
    // The payload's length stands in the ninth word of the header.
    record.writeInt32LE(record.readInt32LE(32) + 256, 32);
    writeFileSync(file, `${JSON.stringify({ ...first, id: 'large/store', record: record.toString('base64') })}\n`);
    const before = readFileSync(file, 'utf8');
    const ended = await run(['dlq', 'redrive', 'ringmain-letters.json', file], { env });
    expect(ended).toMatchObject({ code: 1, out: '0 letters chosen, 0 redriven, 0 failed again, 1 refused\n' });
    expect(ended.err).toMatch(/line 1: .*large\/store has \d+ bytes/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('lines that are no letters are said to be so, and stay', async () => {
    const file = copy('bad.ndjson');
    appendFileSync(file, 'no letter\n{"id":"x"}\n');
    expect(await run(['dlq', 'count', file])).toMatchObject({ code: 3, out: '12\n' });
    const purged = await run(['dlq', 'purge', file, '--limit', '11', '--all']);
    expect(purged.out).toBe('11 letters removed, 3 left\n');
    expect(readFileSync(file, 'utf8').split('\n').slice(1)).toEqual(['no letter', '{"id":"x"}', '']);
  });

  test.each([
    [['purge', 'X'], /nothing says which letters/],
    [['count', 'missing.ndjson'], /RINGMAIN_INPUT_INVALID: missing.ndjson cannot be read/],
    [['count', 'X', '--reason', 'luck'], /reason is "luck"/],
    [['list', 'X', '--limit', 'many'], /--limit is "many"/],
    [['list', 'X', '--since', 'noon'], /--since is "noon"/],
  ])('%j is refused', async (argv, why) => {
    const ended = await run(['dlq', ...argv.map((word) => (word === 'X' ? written : word))]);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(why);
  });

  test('help names the commands and what the exit codes mean', async () => {
    const help = await run(['dlq', '--help']);
    expect(help).toMatchObject({ code: 0 });
    for (const word of ['list', 'peek', 'count', 'purge', 'redrive', 'Exit codes', 'FILE is as it was'])
      expect(help.out).toContain(word);
  });
});
