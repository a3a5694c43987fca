/** The verdict of the job: what makes it fail. */
import { describe, expect, it } from 'vitest';
import type { Report } from '../dist/build-report.js';
import { buildReport, isGood } from '../dist/build-report.js';

const files = [
  { path: 'a.js', package: 'one@1', bytes: 1 },
  { path: 'b.js', package: 'one@1', bytes: 1 },
];
const indexed = {
  package: 'one@1',
  files: 2,
  unparsed: 0,
  bytes: 2,
  lines: 2,
  blankLines: 0,
  functions: 1,
  classes: 0,
  imports: 0,
  nestingMax: 1,
  sha256: '00',
};
const owed = { parse: 2, hash: 2, count: 2, aggregate: 7, telemetry: 3, collect: 2 };

/** A report of a run in which the groups delivered this much. */
function reportOf(delivered: Record<string, number>, options: { holds?: boolean; functions?: number } = {}): Report {
  const groups = Object.entries(delivered).map(([name, count]) => ({
    name,
    where: 'shard' as const,
    published: count,
    delivered: count,
    filtered: 0,
    deadLettered: 0,
    redelivered: 0,
    retried: 0,
    dropped: {},
    inFlight: 0,
    isolation: 'inline' as const,
    threads: 0,
    threadsLost: 0,
    latencyUs: { count, p50: 1, p90: 2, p95: 3, p99: 4, max: 5 },
  }));
  const conservation = { holds: options.holds ?? true, published: 0, accounted: 0, inFlight: 0 };
  const metrics = {
    uptimeMs: 1,
    shards: 2,
    restarts: 0,
    spareReady: true,
    recoveryUs: [],
    published: 20,
    unrouted: 0,
    rejected: 0,
    staged: 0,
    criticalCapped: 0,
    servedOutOfTurn: 0,
    degradation: { rung: 0, name: 'normal' as const, pressure: 0 },
    sojournUs: {},
    slowHandlers: 0,
    stuckHandlers: 0,
    partitionMoves: 0,
    movesRolledBack: 0,
    lastMoveMs: null,
    health: { live: true, ready: true, phase: 'running' as const, reasons: [], shards: [], groups: [] },
    deadLetters: { count: 0, bytes: 0, evicted: 0, expired: 0, purged: 0, redriven: 0, oldestMs: null },
    groups,
    publishers: [],
    lanes: [],
    conservation,
  };
  const telemetry = [{ kind: 'js', files: 2, bytes: 2, seconds: 1, p50Us: 1, p99Us: 1 }];
  const close = { drained: true, seconds: 2, metrics, abandoned: 0, deadLetters: 0, unpublished: 0, phases: [] };
  const packages = [{ ...indexed, functions: options.functions ?? 1 }];
  return buildReport(
    files,
    { seconds: 2, cpuSeconds: 4, packages, telemetry, close },
    { seconds: 3, cpuSeconds: 3, packages: [indexed] },
  );
}

describe('buildReport()', () => {
  it('is good when every group got what the input demands', () => {
    const report = reportOf(owed);
    expect(isGood(report)).toBe(true);
    expect(report).toMatchObject({ files: 2, packages: 1, lost: 0, eventsPerSecond: 10, speedup: 1.5 });
    expect(report.groups[0]).toEqual({ name: 'parse', delivered: 2, latencyUs: { p50: 1, p95: 3, p99: 4 } });
  });

  it.each(Object.keys(owed))('counts a delivery that group %s did not get as lost', (name) => {
    const report = reportOf({ ...owed, [name]: 1 });
    expect(report.lost).toBeGreaterThan(0);
    expect(isGood(report)).toBe(false);
  });

  it('counts all deliveries of a group that is missing as lost', () => {
    const { hash: _, ...others } = owed;
    expect(reportOf(others).lost).toBe(2);
  });

  it('is not good when the conservation law is broken, or when one thread found something else', () => {
    expect(isGood(reportOf(owed, { holds: false }))).toBe(false);
    const other = reportOf(owed, { functions: 2 });
    expect(other.totalsAgree).toBe(false);
    expect(isGood(other)).toBe(false);
  });
});
