/** Events out of streams of lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { InputItem } from '../../dist/input/input-item.js';
import type { InputSource } from '../../dist/input/input-source.js';
import { NdjsonSource, openNdjson } from '../../dist/input/ndjson-source.js';

const never = new AbortController().signal;

async function itemsOf(source: InputSource, stop = never): Promise<InputItem[]> {
  const items: InputItem[] = [];
  for await (const batch of source.batches(stop)) items.push(...batch);
  return items;
}

const typesOf = (items: readonly InputItem[]): string[] =>
  items.map((item) => ('event' in item ? item.event.type : `bad ${item.position}`));

describe('NdjsonSource', () => {
  test('reads events, counts bad lines by number and skips blank ones', async () => {
    const source = new NdjsonSource(
      'test',
      Readable.from([Buffer.from('\uFEFF{"type":"a","data":1}\r\n\nbad\n{"ty'), Buffer.from('pe":"b","data":2}')]),
    );
    expect(typesOf(await itemsOf(source))).toEqual(['a', 'bad 3', 'b']);
  });

  test('refuses a line beyond the bound and reads on', async () => {
    const source = new NdjsonSource(
      'test',
      Readable.from([Buffer.from(`{"type":"${'a'.repeat(100)}","data":1}\n{"type":"b","data":2}\n`)]),
      { lineBytesMax: 50 },
    );
    expect(typesOf(await itemsOf(source))).toEqual(['bad 1', 'b']);
  });

  test('ends while it waits for input when it is stopped', async () => {
    const stream = new PassThrough();
    const stopper = new AbortController();
    const batches = new NdjsonSource('test', stream).batches(stopper.signal);
    stream.write('{"type":"a","data":1}\n{"type":"cut off');
    expect(typesOf((await batches.next()).value as InputItem[])).toEqual(['a']);
    const next = batches.next();
    stopper.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(stream.destroyed).toBe(true);
  });

  test('reads nothing when it was stopped before', async () => {
    expect(await itemsOf(new NdjsonSource('test', Readable.from([Buffer.from('{}')])), AbortSignal.abort())).toEqual([]);
  });

  test('says where the stream broke off', async () => {
    const stream = new Readable({
      read() {
        this.destroy(new Error('disk gone'));
      },
    });
    await expect(itemsOf(new NdjsonSource('events.ndjson', stream))).rejects.toThrow(
      'events.ndjson broke off after 0 bytes: disk gone',
    );
  });
});

describe('openNdjson', () => {
  test('opens a file and knows its size', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringmain-input-'));
    try {
      const path = join(folder, 'events.ndjson');
      const line = '{"type":"a","data":1}\n';
      writeFileSync(path, line.repeat(20_000));
      const source = openNdjson(path);
      expect(source.bytesTotal).toBe(line.length * 20_000);
      expect(await itemsOf(source)).toHaveLength(20_000);
      expect(source.bytesRead).toBe(source.bytesTotal);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(['missing.ndjson', '.'])('refuses %s at once', (path) => {
    expect(() => openNdjson(path)).toThrow(expect.objectContaining({ code: 'RINGMAIN_INPUT_INVALID' }));
  });
});
