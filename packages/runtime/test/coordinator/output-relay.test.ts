/** What a thread prints stays in order and bounded, however slow and odd the reader is. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WriteBytes } from '../../dist/coordinator/output-relay.js';
import { OutputRelay } from '../../dist/coordinator/output-relay.js';

const MAX = 100;

/** A descriptor whose writes end when the test says so. */
function descriptor() {
  const underWay: { readonly bytes: Buffer; readonly done: (error: Error | null, written: number) => void }[] = [];
  let written = '';
  let most = 0;
  const write: WriteBytes = (bytes, done) => {
    most = Math.max(most, underWay.push({ bytes, done }));
  };
  const end = (error: Error | null = null, taken = Number.POSITIVE_INFINITY): void => {
    const { bytes, done } = underWay.pop() ?? expect.fail('nothing is being written');
    const count = Math.min(bytes.length, taken);
    if (error === null) written += bytes.toString('latin1', 0, count);
    done(error, error === null ? count : 0);
  };
  return { write, end, written: () => written, most: () => most, isBusy: () => underWay.length > 0 };
}

async function printed(stream: PassThrough, text: string): Promise<void> {
  stream.write(text);
  await new Promise(setImmediate);
}

describe('OutputRelay', () => {
  it('writes one chunk after the other, in the order in which they were printed', async () => {
    const stream = new PassThrough();
    const out = descriptor();
    const relay = new OutputRelay(
      stream,
      out.write,
      () => MAX,
      () => {},
    );
    for (const text of ['one ', 'two ', 'three']) await printed(stream, text);
    const flushed = relay.flushed();
    // The last one under way ends first: with several under way, the order would be lost.
    while (out.isBusy()) out.end();
    await flushed;
    expect([out.written(), out.most(), relay.droppedBytes]).toEqual(['one two three', 1, 0]);
    relay.stop();
  });

  it('keeps at most the bytes of a second for a reader that takes nothing, and counts the rest', async () => {
    const stream = new PassThrough();
    const out = descriptor();
    const told: number[] = [];
    const relay = new OutputRelay(
      stream,
      out.write,
      () => MAX,
      (bytes) => told.push(bytes),
    );
    for (let chunk = 0; chunk < 25; chunk++) await printed(stream, '0123456789');
    expect(relay.droppedBytes).toBe(150);
    while (out.isBusy()) out.end();
    await relay.flushed();
    expect(out.written()).toBe('0123456789'.repeat(10));
    relay.stop();
    expect(told).toEqual([150]);
  });

  it('goes on behind a write that failed or took a part, and counts what was not taken', async () => {
    const stream = new PassThrough();
    const out = descriptor();
    const relay = new OutputRelay(
      stream,
      out.write,
      () => MAX,
      () => {},
    );
    for (const text of ['lost', 'half', 'kept']) await printed(stream, text);
    out.end(new Error('no reader'));
    out.end(null, 2);
    out.end();
    await relay.flushed();
    expect([out.written(), relay.droppedBytes]).toEqual(['hakept', 6]);
    relay.stop();
  });
});
