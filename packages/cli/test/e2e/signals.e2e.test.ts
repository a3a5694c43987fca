/** Signals to a running `ringmain run`. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { groupOf, start, withReport } from './command.ts';

describe('ringmain run', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('at %s reads no more, drains what was accepted and ends with %i', async (signal, code) => {
    const { result, report } = await withReport(async (path) => {
      const health = `${path}.health`;
      const command = start([
        'run',
        'ringmain-js.json',
        '--source',
        'endless-source.ts',
        '--report',
        path,
        '--health-file',
        health,
      ]);
      await command.said(/[1-9]\d* events, /);
      expect(JSON.parse(readFileSync(health, 'utf8'))).toMatchObject({ live: true, ready: true, phase: 'running' });
      command.child.kill(signal);
      const ended = await command.ended;
      expect(existsSync(health)).toBe(false);
      return ended;
    });
    expect(result.code).toBe(code);
    expect(result.err).toContain(`${signal}: no more input is read; draining`);
    expect(report).toMatchObject({ lost: 0, drained: true, interruptedBy: signal, conservation: { holds: true, inFlight: 0 } });
    expect(report.events).toBeGreaterThan(0);
    expect(groupOf(report, 'count').delivered).toBe(report.events);
    expect(result.out).toContain(`by ${signal}`);
  });

  test('at SIGHUP reads its configuration again, says what changed or why nothing did, and goes on', async () => {
    const folder = new URL('../fixtures/', import.meta.url);
    const file = new URL('reloaded.json', folder);
    const config = JSON.parse(readFileSync(new URL('ringmain-js.json', folder), 'utf8')) as { shards: number };
    const write = (change: object): void => writeFileSync(file, JSON.stringify({ ...config, ...change }));
    write({});
    try {
      const command = start(['run', 'reloaded.json']);
      command.child.stdin?.write('{"type":"order.placed","data":{"id":1,"amount":2}}\n');
      await command.said(/1 events, /);
      write({ publishRate: { perSecond: 500 } });
      command.child.kill('SIGHUP');
      await command.said(/SIGHUP: publishRate\.perSecond is 500 now, was not set/);
      write({ shards: config.shards + 1 });
      command.child.kill('SIGHUP');
      await command.said(/SIGHUP: RINGMAIN_RESTART_NEEDED: nothing was reloaded\n {2}shards: is/);
      command.child.stdin?.end('{"type":"order.placed","data":{"id":2,"amount":2}}\n');
      expect(await command.ended).toMatchObject({ code: 0, out: expect.stringMatching(/^events +2 in /) });
    } finally {
      rmSync(file);
    }
  });

  test('ends while it waits for standard input', async () => {
    const command = start(['run', 'ringmain-js.json']);
    command.child.stdin?.write('{"type":"order.placed","data":{"id":1,"amount":2}}\n');
    await command.said(/1 events, /);
    command.child.kill('SIGINT');
    expect(await command.ended).toMatchObject({ code: 130, out: expect.stringMatching(/^events +1 in /) });
  });

  test('at the second signal stops without draining, and says what is lost', async () => {
    const { result, report } = await withReport(async (path) => {
      const command = start(['run', 'ringmain-js.json', '--report', path], { input: '{"type":"order.stuck","data":{"id":1}}\n' });
      await command.said(/1 in flight/);
      command.child.kill('SIGINT');
      await command.said(/draining/);
      command.child.kill('SIGINT');
      return command.ended;
    });
    expect(result.code).toBe(130);
    expect(result.err).toContain('stopping without draining');
    expect(report).toMatchObject({ events: 1, lost: 1, drained: false, interruptedBy: 'SIGINT' });
  });
});
