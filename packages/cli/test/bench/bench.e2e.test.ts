/** `ringmain bench` as a user runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../e2e/command.ts';

const orders = [1, 2, 3].map((id) => `${JSON.stringify({ type: 'order.placed', data: { id, amount: 2 } })}\n`).join('');
let folder = '';
const file = (name: string): string => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringmain-bench-'));
  writeFileSync(file('orders.ndjson'), orders);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('ringmain bench', () => {
  test('replays a small file at the rate and writes table, JSON and page', async () => {
    const load = ['--rate', '500,1000', '--seconds', '1', '--burst', '5'];
    const files = ['--json', file('report.json'), '--html', file('report.html')];
    const result = await run(['bench', 'ringmain-js.json', '--input', file('orders.ndjson'), ...load, ...files]);
    expect(result).toMatchObject({ code: 0, out: expect.stringMatching(/accepted +750 +100\.00 %/) });
    expect(JSON.parse(readFileSync(file('report.json'), 'utf8'))).toMatchObject({
      load: { rates: [500, 1000], burst: 5, seconds: 1 },
      scheduled: 750,
      published: 750,
      outcomes: { accepted: 750 },
      latenessUs: { count: 750 },
      run: { events: 750, lost: 0, drained: true, conservation: { holds: true, inFlight: 0 } },
    });
    expect(readFileSync(file('report.html'), 'utf8')).toMatch(/^<!doctype html>[\s\S]*<svg /);
  });

  test('replays a module', async () => {
    const result = await run(['bench', 'ringmain-js.json', '--input', 'list-source.js', '--rate', '300', '--seconds', '0.1']);
    // One entry of the module is no event.
    expect(result).toMatchObject({ code: 3, out: expect.stringMatching(/accepted +30 /) });
  });

  test.each([
    [['--rate', '0'], '--rate is 0 (allowed: a number above 0 and up to 10000000)'],
    [['--burst', '1.5'], '--burst is 1.5 (allowed: a whole number from 1 to 1000000)'],
    [['--seconds', 'long'], '--seconds is long'],
    [['--html', 'no-folder/x.html'], '--html no-folder/x.html cannot be written'],
    [['--input', '-'], 'holds no events to replay'],
  ])('refuses %j before it publishes anything', async (options, message) => {
    expect(await run(['bench', 'ringmain-js.json', ...options])).toMatchObject({
      code: 2,
      err: expect.stringContaining(message),
    });
  });
});
