/** The short form of the soak: some seconds of overload with bursts, restarts and a group that stops, and everything that must hold. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { SoakReport } from '../../dist/soak/soak-report.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const SEED = process.env['RINGMAIN_SEED'] ?? '20261121';

it(`soak under three times the load that handlers can do loses nothing (seed ${SEED})`, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-soak-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = path.join(folder, 'soak.json');
  // It ends with 1 when anything did not hold; what that was stands in its output.
  const { stdout } = await promisify(execFile)(process.execPath, [
    main,
    'soak',
    '--seconds',
    '10',
    '--seed',
    SEED,
    '--json',
    json,
  ]);
  expect(stdout).toContain('everything held');
  const report = JSON.parse(readFileSync(json, 'utf8')) as SoakReport;
  expect(report).toMatchObject({ problems: [], conservation: { holds: true, inFlight: 0 } });
  expect(report.sends.settled).toBe(report.sends.started);
  // It was overload: something was turned away, and the ladder went up.
  expect(report.outcomes['rejected']).toBeGreaterThan(0);
  expect(report.rungMax).toBeGreaterThan(0);
  expect(report.stagedMax).toBeGreaterThan(0);
});
