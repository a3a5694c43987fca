/** The main job through its command, on a part of its real input. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../dist/build-report.js';

const FILES = 200;
const start = fileURLToPath(new URL('../../start.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ringmain-main-job-'));

afterAll(() => rmSync(folder, { recursive: true }));

function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [start, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

async function index(shards: number, env?: Record<string, string>): Promise<{ report: Report; out: string; err: string }> {
  const file = join(folder, `report-${shards}.json`);
  const { code, out, err } = await run(['--limit', String(FILES), '--shards', String(shards), '--report', file], env);
  if (code !== 0) throw new Error(`exit code ${String(code)}:\n${out}\n${err}`);
  return { report: JSON.parse(readFileSync(file, 'utf8')) as Report, out, err };
}

/** Every group got what the input demands, however the threads were arranged. */
function expectComplete(report: Report): void {
  const { packages } = report;
  expect(report).toMatchObject({
    files: FILES,
    lost: 0,
    duplicates: 0,
    restarts: 0,
    conservation: { holds: true },
    totalsAgree: true,
  });
  const delivered = Object.fromEntries(report.groups.map((group) => [group.name, group.delivered]));
  const kinds = (delivered['collect'] ?? 0) - packages;
  expect(kinds).toBeGreaterThan(0);
  expect(delivered).toEqual({
    parse: FILES,
    hash: FILES,
    count: FILES,
    aggregate: packages + 3 * FILES,
    telemetry: FILES + kinds,
    collect: packages + kinds,
  });
}

describe('npm start', () => {
  it('indexes files on shards, finds what one thread finds, and says so in tables, progress and report', async () => {
    const { report, out, err } = await index(2);
    expectComplete(report);
    expect(report.shards).toBe(2);
    for (const key of ['events', 'eventsPerSecond', 'seconds', 'singleThreadSeconds', 'speedup'] as const) {
      expect(report[key]).toBeGreaterThan(0);
    }
    expect(err).toContain(`2 shards: 100 %, ${FILES} of ${FILES} files`);
    expect(err).toContain(`1 thread: 100 %, ${FILES} of ${FILES} files`);
    for (const text of [`all ${report.packages} packages`, 'telemetry', 'the same as on one thread', 'speed-up']) {
      expect(out).toContain(text);
    }
  });

  it('loses nothing when lanes are so small that main thread and handlers have to wait for room', async () => {
    const { report } = await index(1, {
      RINGMAIN_RECORDBYTESMAX: '4096',
      RINGMAIN_LANES__NORMAL__CAPACITYBYTES: '16384',
      RINGMAIN_MESH__CAPACITYBYTES: '16384',
    });
    expectComplete(report);
    expect(report.rejected).toBeGreaterThan(0);
  });

  it('runs the same handlers on the main thread with --shards 0', async () => {
    const { report } = await index(0);
    expectComplete(report);
    expect(report.shards).toBe(0);
  });

  it('refuses a wrong command line with exit code 2 and its usage', async () => {
    for (const [args, message] of [
      [['--limit', '0'], '--limit is "0"'],
      [['--shards', 'two'], '--shards is "two"'],
      [['--depth', '3'], "'--depth'"],
    ] as const) {
      const { code, err } = await run(args);
      expect(code).toBe(2);
      expect(err).toContain(message);
      expect(err).toContain('Usage: npm start');
    }
  });

  it('prints its usage with --help', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('--limit N');
  });
});
