/** The suite through its command: shape of the report, and a verified slice of every contender. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import type { PeersReport } from '../dist/peers/peers-command.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-bench-'));
const file = path.join(folder, 'report.json');

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('bench peers', () => {
  it('has every contender deliver every event of a short slice and reports it', async () => {
    const args = ['peers', '--scenario', 'event-64B', '--rounds', '1', '--slice-ms', '10', '--json', file];
    await promisify(execFile)(process.execPath, [main, ...args]);
    const report = JSON.parse(readFileSync(file, 'utf8')) as PeersReport;
    expect(report).toMatchObject({ node: process.versions.node, rounds: 1 });
    expect(report.machine.before.pingPongNs).toBeGreaterThan(0);
    expect(report.results.filter((row) => row.failed !== undefined)).toEqual([]);
    const names = report.results.map((row) => `${row.scenario} ${row.contender}`);
    expect(names).toContain('event-64B ringmain');
    expect(names).toContain('event-64B piscina');
    for (const row of report.results) {
      expect(row.eventsPerSecond).toBeGreaterThan(0);
      for (const key of ['mainCpuUsPerEvent', 'overheadUs', 'latencyUs', 'rssGrowthMb', 'ratioToPostMessage'])
        expect(row).toHaveProperty(key);
    }
  });
});
