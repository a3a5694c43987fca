/** Live progress. */
import { written } from '../written.ts';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { createProgress } from '../../dist/report/progress.js';

const state = { events: 12_000, bad: 0, inFlight: 34, depthBytes: 2048, bytesRead: 500 };

function stream(isTTY: boolean): PassThrough & { isTTY: boolean; columns: number } {
  return Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
}

describe('createProgress', () => {
  test('writes a plain line at each tick when there is no terminal', () => {
    const target = stream(false);
    const progress = createProgress(target, { quiet: false, bytesTotal: 1000, nowUs: 0 });
    progress.tick(state, 2_000_000);
    expect(written(target)).toBe('12,000 events, 6,000/s, 34 in flight, 2 KiB queued, 50% of the input\n');
    progress.tick({ ...state, events: 13_000, bad: 2 }, 3_000_000);
    expect(written(target)).toBe('13,000 events, 1,000/s, 34 in flight, 2 KiB queued, 2 bad, 50% of the input\n');
  });

  test('writes plain lines without a share when the size of the input is not known', () => {
    const target = stream(true);
    createProgress(target, { quiet: false, bytesTotal: undefined, nowUs: 0 }).tick(state, 1_000_000);
    expect(written(target)).toBe('12,000 events, 12,000/s, 34 in flight, 2 KiB queued\n');
  });

  test('draws a bar on a terminal and leaves nothing of it', () => {
    const target = stream(true);
    const progress = createProgress(target, { quiet: false, bytesTotal: 1000, nowUs: 0 });
    progress.tick(state, 1_000_000);
    progress.note('a bad line');
    progress.stop();
    const text = written(target);
    expect(text).toContain('a bad line\n');
    // The cursor is shown again.
    expect(text).toContain('\u001B[?25h');
  });

  test('shows nothing but notes when it is quiet', () => {
    const target = stream(true);
    const progress = createProgress(target, { quiet: true, bytesTotal: 1000, nowUs: 0 });
    progress.tick(state, 1_000_000);
    progress.note('a bad line');
    progress.stop();
    expect(written(target)).toBe('a bad line\n');
  });
});
