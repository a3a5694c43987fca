/** Promise: what a shard prints is passed on up to a rate; the rest is dropped, counted and reported, and nobody's memory fills. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FLOOD = fileURLToPath(new URL('./fixtures/flood.mjs', import.meta.url));
const EVENTS = 500;
const EVENT_BYTES = 16_384;

interface DroppedLine {
  readonly stream?: string;
  readonly droppedBytes?: number;
}

describe('output.bytesPerSecondMax', () => {
  it.each([
    ['65536', 'some'],
    ['0', 'nothing'],
  ])('%s bytes a second pass %s of a flood on, and the process lives on', async (bytesPerSecondMax) => {
    const child = spawn(process.execPath, [FLOOD, String(EVENTS), String(EVENT_BYTES), bytesPerSecondMax], { timeout: 60_000 });
    const exited = once(child, 'close');
    let printed = 0;
    let dropped = 0;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (printed + dropped >= EVENTS * EVENT_BYTES) resolve();
      };
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.length;
        look();
      });
      createInterface(child.stderr).on('line', (line) => {
        const { stream, droppedBytes } = JSON.parse(line) as DroppedLine;
        if (stream === 'stdout') dropped += droppedBytes ?? 0;
        look();
      });
      void exited.then(() => resolve());
    });
    child.stdin.end();
    expect(await exited).toEqual([0, null]);
    expect(printed + dropped).toBe(EVENTS * EVENT_BYTES);
    expect(dropped).toBeGreaterThan(0);
    expect(printed > 0).toBe(bytesPerSecondMax !== '0');
  });
});
