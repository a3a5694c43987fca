/** The file that says how a runtime is doing: written when there is news, and often enough; whole at any time; gone at the end. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RuntimeHealth } from 'ringmain';
import { expect, it, onTestFinished } from 'vitest';
import { HEALTH_WRITE_MS, HealthFile } from '../../dist/run/health-file.js';

const WELL: RuntimeHealth = { live: true, ready: true, phase: 'running', reasons: [], shards: [], groups: [] };

function setUp(name = 'health.json') {
  const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const state = { health: WELL, nowUs: 1_000_000, failures: [] as unknown[] };
  const file = path.join(folder, name);
  const health = new HealthFile({
    path: file,
    health: () => state.health,
    clock: { monotonicUs: () => state.nowUs, wallUs: () => 0 } as never,
    // Looks are taken by hand.
    lookMs: 2 ** 30,
    onFailure: (error) => void state.failures.push(error),
  });
  const inode = (): number => statSync(file).ino;
  return { folder, file, health, state, inode };
}

it('is written at the first look, when something changes, and when it is old', async () => {
  const { folder, file, health, state, inode } = setUp();
  await health.look();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(WELL);
  const first = inode();
  await health.look();
  expect(inode()).toBe(first);
  state.health = { ...WELL, ready: false, reasons: ['shard 0 is down'] };
  await health.look();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(state.health);
  const written = statSync(file).mtimeMs;
  state.nowUs += HEALTH_WRITE_MS * 1000;
  await health.look();
  expect(statSync(file).mtimeMs).toBeGreaterThanOrEqual(written);
  // Each version is a file of its own, which takes the place of the one before it.
  expect(readdirSync(folder)).toEqual(['health.json']);
  await health.remove();
  expect(readdirSync(folder)).toEqual([]);
  expect(state.failures).toEqual([]);
});

it('says once that it cannot be written, and goes on', async () => {
  const { health, state } = setUp('gone/health.json');
  await health.look();
  await health.look();
  expect(state.failures).toHaveLength(1);
  await health.remove();
});
