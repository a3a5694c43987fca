/** `ringmain plan`: its table, its JSON, and what it refuses. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { loadConfig, planCapacity } from 'ringmain';
import { describe, expect, test } from 'vitest';
import { runProgram } from '../../dist/program.js';
import { written } from '../written.ts';

const config = fileURLToPath(new URL('../fixtures/ringmain-js.json', import.meta.url));

const run = (...options: string[]): ReturnType<typeof planOf> => planOf(config, ...options);

async function planOf(path: string, ...options: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runProgram(['plan', path, ...options], { stdout, stderr, signals: new EventEmitter() });
  return { code, out: written(stdout), err: written(stderr) };
}

describe('ringmain plan', () => {
  test('prints as JSON what planCapacity() says', async () => {
    const { code, out, err } = await run(
      '--rate=high=100,low=5000',
      '--bytes=80',
      '--handler-us=12.5',
      '--burst=300',
      '--groups=3',
      '--json',
    );
    expect([code, err]).toEqual([0, '']);
    const load = { ratePerSecond: { high: 100, low: 5000 }, payloadBytes: 80, handlerUs: 12.5, burstEvents: 300, groups: 3 };
    expect(JSON.parse(out)).toEqual(planCapacity(loadConfig(config).config, load));
  });

  test('prints tables, and warnings with advice', async () => {
    const { code, out } = await run('--rate', '100000', '--burst', '20000');
    expect(code).toBe(0);
    expect(out).toMatch(/^memory reserved, 1 shard +[\d.]+ MiB$/m);
    expect(out).toMatch(/^normal +100,000 +9,362 +7,168 +0 +7,168 +7,168 +reject +126 ms +931\.84 ms$/m);
    expect(out).toMatch(/^utilisation of each shard +200\.0 %$/m);
    expect(out).toMatch(/^a burst of 20,000 is handled in +never$/m);
    expect(out).toMatch(/^warning: shards: 100000 events a second of 20 us take 200 % of 1 shard: .*\n {2}set shards to 4,/m);
    expect((await run('--rate', '100')).out).toContain('Nothing is too small for this load.\n');
  });

  test('says of a configuration without subscribers that it reckons with one', async () => {
    const empty = fileURLToPath(new URL('../fixtures/no-groups.json', import.meta.url));
    const note = 'note: subscribers names no module; reckoned with one subscriber';
    expect((await planOf(empty)).err).toContain(note);
    expect((await planOf(empty, '--groups', '2')).err).toBe('');
  });

  test.each([
    [['--rate', 'fast'], '--rate is fast (allowed: a number)'],
    [['--rate', 'high=1,high=2'], '--rate names high twice'],
    [['--rate', 'urgent=1'], 'the rate of urgent, which is no priority (allowed: critical, high, normal, low)'],
    [['--bytes', '-1'], '--bytes is -1 (allowed: an integer from 0 to 1048576)'],
    [['--groups', ''], '--groups is empty (allowed: a number)'],
    [['--burst', '1.5'], '--burst is 1.5 (allowed: an integer from 0 to 1000000000)'],
    [['--handler-us', '1e12'], '--handler-us is 1000000000000 (allowed: a number from 0 to 3600000000)'],
    [['--groups', '0'], '--groups is 0 (allowed: an integer from 1 to 64)'],
    [['--handler-us', 'NaN'], '--handler-us is NaN'],
  ])('refuses %j', async (options, message) => {
    const { code, out, err } = await run(...options);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`RINGMAIN_OPTION_INVALID: ${message}`);
  });
});
