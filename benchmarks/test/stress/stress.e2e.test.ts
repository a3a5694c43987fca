/** The stress suite through its command: the shape of its reports, and that nothing goes missing. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { StressResult } from '../../dist/stress/stress-result.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-stress-'));
const [json, html] = [path.join(folder, 'report.json'), path.join(folder, 'report.html')];

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stress = (scenario: string) =>
  promisify(execFile)(process.execPath, [
    main,
    'stress',
    '--scenario',
    scenario,
    '--seconds',
    '1',
    '--json',
    json,
    '--html',
    html,
  ]);

describe('bench stress', () => {
  it('writes the figures of one scenario with its baseline, its outcomes and its books', async () => {
    const { stdout } = await stress('sustained');
    expect(stdout).toContain('conservation holds, lost 0');
    const report = JSON.parse(readFileSync(json, 'utf8')) as StressResult;
    expect(report).toMatchObject({ scenario: 'sustained', seconds: 1, conservation: { holds: true }, lost: 0 });
    const names = ['p50', 'p95', 'p99', 'depthP95', 'dropped', 'mainCpuUsPerEvent'];
    for (const name of names) {
      expect(report.figures).toHaveProperty(name);
      expect(report.baseline).toHaveProperty(name);
    }
    // Warm-up, the measurement and the stretch for CPU, at 10 000 a second.
    expect(Object.values(report.outcomes).reduce((sum, count) => sum + count, 0)).toBe(25_000);
    expect(readFileSync(html, 'utf8')).toContain('<h2>sustained: sustained</h2>');
  });

  it('writes a list for several scenarios and says what it skipped', async () => {
    await stress('churn,resize');
    const reports = JSON.parse(readFileSync(json, 'utf8')) as StressResult[];
    expect(reports.map(({ scenario, conservation, lost }) => ({ scenario, conservation, lost }))).toEqual([
      { scenario: 'churn', conservation: { holds: true }, lost: 0 },
      { scenario: 'resize', conservation: { holds: true }, lost: 0 },
    ]);
  });
});
