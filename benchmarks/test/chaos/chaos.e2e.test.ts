/** The short form of the chaos run: threads die in many ways under load, and the books balance to the event. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { ChaosReport } from '../../dist/chaos/chaos-report.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SEED = process.env['RINGMAIN_SEED'] ?? '20261121';
const FAULTS = 15;

it(`deaths of threads in every way lose nothing and hurt nobody else (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-chaos-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = path.join(folder, 'chaos.json');
  const options = ['--faults', String(FAULTS), '--load', '500', '--seed', SEED, '--json', json];
  // It ends with 1 when anything did not hold; what that was stands in its output.
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'chaos', ...options]);
  expect(stdout).toContain('everything holds');
  const report = JSON.parse(readFileSync(json, 'utf8')) as ChaosReport;
  expect(report).toMatchObject({ faults: FAULTS, lost: 0, orderViolations: 0, innocents: 0, problems: [] });
  expect(report.deaths).toBeGreaterThanOrEqual(FAULTS);
  expect(report.delivered).toBe(2 * report.published);
  expect(report.duplicates).toBeLessThanOrEqual(report.duplicateBound);
});
