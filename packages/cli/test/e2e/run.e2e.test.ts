/** `ringmain run` and `validate` as a child process, over real threads. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { groupOf, orderLines, run, start, withReport } from './command.ts';

describe('ringmain run', () => {
  test('feeds a file through handlers in TypeScript over two shards, and reports every delivery', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringmain-run-'));
    const input = join(folder, 'orders.ndjson');
    writeFileSync(input, orderLines(20_000));
    const { result, report } = await withReport((path) => run(['run', 'ringmain-ts.json', '--input', input, '--report', path]));
    rmSync(folder, { recursive: true });
    expect(result).toMatchObject({ code: 0 });
    expect(result.out).toMatch(/^events +20,000 in .* 2 shards$/m);
    expect(report).toMatchObject({ events: 20_000, lost: 0, dropped: 0, duplicates: 0, restarts: 0, shards: 2, drained: true });
    expect(report.conservation).toEqual({ holds: true, published: 94_000, accounted: 94_000, inFlight: 0 });
    expect(report.eventsPerSecond).toBeCloseTo(20_000 / report.seconds, -1);
    // 18,000 orders, each of which is billed by an event of its own, and 2,000 notes.
    expect(groupOf(report, 'billing').delivered).toBe(18_000);
    expect(groupOf(report, 'audit').delivered).toBe(38_000);
    expect(groupOf(report, 'urgent')).toMatchObject({ delivered: 36_000, filtered: 2_000 });
    for (const { latencyUs } of report.groups) {
      expect(latencyUs.p50).toBeGreaterThan(0);
      expect(latencyUs.p95).toBeGreaterThanOrEqual(latencyUs.p50);
      expect(latencyUs.p99).toBeGreaterThanOrEqual(latencyUs.p95);
    }
  });

  test('reads standard input, with handlers in JavaScript', async () => {
    const input = '{"type":"order.placed","data":{"id":1,"amount":2}}\n{"type":"order.placed","data":{"id":2,"amount":3}}';
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-js.json', '--input', '-', '--report', path], { input }),
    );
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(report.events).toBe(2);
    expect(groupOf(report, 'count').delivered).toBe(2);
  });

  test('runs inline with shards 0, set by an environment variable', async () => {
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-ts.json', '--report', path, '--quiet'], { input: orderLines(5000), env: { RINGMAIN_SHARDS: '0' } }),
    );
    expect(result).toMatchObject({ code: 0, err: '' });
    expect(report).toMatchObject({ events: 5000, shards: 0, lost: 0, conservation: { holds: true } });
    expect(groupOf(report, 'billing').delivered).toBe(4500);
  });

  test('loses nothing when lanes are far smaller than the input', async () => {
    const env = { RINGMAIN_RECORDBYTESMAX: '1024', RINGMAIN_LANES__NORMAL__CAPACITYBYTES: '4096' };
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-ts.json', '--report', path, '--quiet'], { input: orderLines(5000), env }),
    );
    expect(result.code).toBe(0);
    expect(report.input.waits).toBeGreaterThan(0);
    expect(report).toMatchObject({ events: 5000, lost: 0, conservation: { holds: true } });
  });

  test('counts bad lines with their numbers, publishes the others and ends with 3', async () => {
    const input = [
      '{"type":"order.placed","data":{"id":1,"amount":2}}',
      'no json',
      '{"type":"order.placed","data":{"id":"one","amount":2}}',
      '',
      '{"type":"order.unknown","data":1}',
      '{"type":"order.placed","data":{"id":1,"amount":2},"priority":"soon"}',
      `{"type":"order.placed","data":{"id":1,"amount":2},"subject":"${'s'.repeat(9_000_000)}"}`,
      '{"type":"order.cursed","data":{"id":1}}',
      '{"type":"order.placed","data":{"id":2,"amount":2}}',
    ].join('\n');
    const { result, report } = await withReport((path) => run(['run', 'ringmain-js.json', '--report', path], { input }));
    expect(result.code).toBe(3);
    expect(report).toMatchObject({ events: 2, lost: 0, conservation: { holds: true } });
    expect(report.input.bad).toBe(6);
    expect(report.input.firstBad.map(({ position }) => position)).toEqual([2, 3, 5, 6, 7, 8]);
    for (const code of [
      'INPUT_INVALID: line 2',
      'PAYLOAD_INVALID',
      'TOPIC_UNKNOWN',
      'PRIORITY_INVALID',
      'line 7 has',
      'its schema threw no such table',
    ])
      expect(result.err).toContain(code);
  });

  test('stops at the first bad line with --strict', async () => {
    const input = '{"type":"order.placed","data":{"id":1,"amount":2}}\nbad\n{"type":"order.placed","data":{"id":2,"amount":2}}\n';
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-js.json', '--strict', '--report', path], { input }),
    );
    expect(result.code).toBe(3);
    expect(report).toMatchObject({ events: 1, input: { bad: 1 } });
  });

  test('ends with 1 when handlers fail, and accounts for every failure', async () => {
    const input = '{"type":"order.refused","data":{"id":1}}\n'.repeat(50);
    const { result, report } = await withReport((path) => run(['run', 'ringmain-js.json', '--report', path], { input }));
    expect(result.code).toBe(1);
    expect(report).toMatchObject({ events: 50, lost: 0, deadLettered: 50, conservation: { holds: true } });
  });

  test('ends with 1 when a handler never comes to an end', async () => {
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-js.json', '--report', path], {
        input: '{"type":"order.stuck","data":{"id":1}}\n',
        env: { RINGMAIN_SHUTDOWNMS: '200' },
      }),
    );
    expect(result.code).toBe(1);
    expect(report).toMatchObject({ events: 1, lost: 1, drained: false });
  });

  test('reads a source module', async () => {
    const { result, report } = await withReport((path) =>
      run(['run', 'ringmain-js.json', '--source', 'list-source.js', '--report', path]),
    );
    expect(result.code).toBe(3);
    expect(result.err).toContain('entry 3 is "no event"');
    expect(report.events).toBe(2);
  });

  test('goes on when the reader of its output has gone away', async () => {
    const command = start(['run', 'ringmain-js.json', '--quiet']);
    command.child.stdout?.destroy();
    command.child.stdin?.end('{"type":"order.placed","data":{"id":1,"amount":2}}\n');
    expect(await command.ended).toMatchObject({ code: 0, err: '' });
  });

  test.each<[name: string, argv: string[], message: string]>([
    [
      'a bad configuration',
      ['run', 'bad.json'],
      'lanes.norml (line 3, column 14): is an unknown key, the nearest known one is "lanes.normal"',
    ],
    ['a module that is missing', ['run', 'no-modules.json', '--quiet'], 'not-there.js'],
    ['a source that is missing', ['run', 'ringmain-js.json', '--source', 'none.ts'], 'none.ts'],
  ])('ends with 2 for %s, without a stack', async (_name, argv, message) => {
    const { code, out, err } = await run(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^RINGMAIN_[A-Z_]+: /);
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
  });
});

describe('ringmain validate', () => {
  test('ends with 0 for a valid configuration and with 2 for another', async () => {
    expect(await run(['validate', 'ringmain-ts.json'])).toEqual({ code: 0, out: 'ringmain-ts.json is valid\n', err: '' });
    expect(await run(['validate', 'bad.json'])).toMatchObject({ code: 2, out: '' });
  });
});
