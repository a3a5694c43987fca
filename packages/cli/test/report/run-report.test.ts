/** The report and the summary made of it. */
import { describe, expect, test } from 'vitest';
import type { CloseReport, GroupMetrics, MetricsSnapshot } from 'ringmain';
import { PeakDepths } from '../../dist/report/peak-depths.js';
import { buildReport, isComplete, isInputClean } from '../../dist/report/run-report.js';
import type { RunFacts, RunReport } from '../../dist/report/run-report.js';
import { formatSummary } from '../../dist/report/summary.js';

const latencyUs = { count: 2, p50: 7.25, p90: 90, p95: 1500, p99: 2_250_000, max: 61_000_000 };

function group(more: Partial<GroupMetrics>): GroupMetrics {
  const counts = {
    published: 10,
    delivered: 10,
    filtered: 0,
    deadLettered: 0,
    redelivered: 0,
    retried: 0,
    dropped: {},
    inFlight: 0,
    isolation: 'inline' as const,
    threads: 0,
    threadsLost: 0,
  };
  return { name: 'billing', where: 'shard', ...counts, latencyUs, ...more };
}

function report(
  groups: readonly GroupMetrics[],
  metrics: Partial<MetricsSnapshot> = {},
  close: Partial<CloseReport> = {},
  facts: Partial<RunFacts> = {},
): RunReport {
  const conservation = { holds: true, published: 10, accounted: 10, inFlight: 0 };
  const snapshot = {
    uptimeMs: 1,
    shards: 2,
    restarts: 0,
    spareReady: true,
    recoveryUs: [],
    published: 10,
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
    bulkheads: [],
    deadLetters: { count: 0, bytes: 0, evicted: 0, expired: 0, purged: 0, redriven: 0, oldestMs: null },
    groups,
    publishers: [],
    lanes: [],
    conservation,
    ...metrics,
  };
  return buildReport({
    close: { drained: true, seconds: 9, metrics: snapshot, abandoned: 0, deadLetters: 0, unpublished: 0, phases: [], ...close },
    seconds: 0.5,
    totals: { published: 1_234_567, waits: 3, bad: 0, firstBad: [] },
    queues: [],
    inputName: 'events.ndjson',
    inputError: null,
    interruptedBy: null,
    failure: null,
    ...facts,
  });
}

describe('buildReport', () => {
  test('has the documented shape', () => {
    const one = report([group({})]);
    expect(one).toMatchObject({
      events: 1_234_567,
      eventsPerSecond: 2_469_134,
      seconds: 0.5,
      lost: 0,
      dropped: 0,
      duplicates: 0,
      restarts: 0,
    });
    expect(one.conservation.holds).toBe(true);
    expect(one.groups[0]).toMatchObject({ name: 'billing', delivered: 10, latencyUs: { p50: 7.25, p95: 1500, p99: 2_250_000 } });
    expect(JSON.parse(JSON.stringify(one))).toEqual(one);
  });

  test('sums losses, drops by reason, dead letters and duplicates over the groups', () => {
    const one = report([
      group({ delivered: 4, filtered: 1, deadLettered: 2, dropped: { full: 1 }, redelivered: 3 }),
      group({ name: 'audit', delivered: 8, dropped: { full: 1, expired: 1 }, redelivered: 1 }),
    ]);
    expect(one).toMatchObject({ lost: 2, dropped: 3, droppedBy: { full: 2, expired: 1 }, deadLettered: 2, duplicates: 4 });
  });

  test('does not count a group that settled more than it was offered as a negative loss', () => {
    expect(report([group({ delivered: 12 }), group({ name: 'audit', delivered: 9 })]).lost).toBe(1);
  });

  test('does not divide by no time', () => {
    expect(report([], {}, {}, { seconds: 0 }).eventsPerSecond).toBe(0);
  });
});

test('formatSummary() has no table of groups where there are none', () => {
  expect(formatSummary(report([group({})]))).toMatch(/^group +where /m);
  expect(formatSummary(report([]))).not.toMatch(/^group +where /m);
});

describe('isComplete', () => {
  test.each<[name: string, report: RunReport, complete: boolean]>([
    ['all was delivered', report([group({})]), true],
    ['a policy dropped events', report([group({ delivered: 9, dropped: { full: 1 } })]), true],
    ['a shard was replaced and events delivered again', report([group({ redelivered: 2 })], { restarts: 1 }), true],
    ['an event was lost', report([group({ delivered: 9 })]), false],
    ['a handler failed', report([group({ delivered: 9, deadLettered: 1 })]), false],
    ['time for closing ran out', report([group({})], {}, { drained: false }), false],
    [
      'the books do not balance',
      report([group({})], { conservation: { holds: false, published: 10, accounted: 9, inFlight: 1 } }),
      false,
    ],
  ])('when %s', (_name, one, complete) => {
    expect(isComplete(one)).toBe(complete);
  });
});

describe('isInputClean', () => {
  test('is false after a bad line and after an input that broke off', () => {
    expect(isInputClean(report([]))).toBe(true);
    expect(isInputClean(report([], {}, {}, { inputError: 'gone' }))).toBe(false);
    expect(isInputClean(report([], {}, {}, { totals: { published: 0, waits: 0, bad: 1, firstBad: [] } }))).toBe(false);
  });
});

describe('formatSummary', () => {
  test('prints the figures in columns', () => {
    const depths = new PeakDepths();
    depths.sample([{ producer: 'main', consumer: 'shard-1', priority: 'normal', depthBytes: 2048, capacityBytes: 1_048_576 }]);
    depths.sample([{ producer: 'main', consumer: 'shard-1', priority: 'normal', depthBytes: 0, capacityBytes: 1_048_576 }]);
    const text = formatSummary(
      report(
        [group({}), group({ name: 'n'.repeat(60), delivered: 0, deadLettered: 10, latencyUs: { ...latencyUs, max: 0 } })],
        {},
        {},
        { queues: depths.list() },
      ),
    );
    expect(text).toBe(`\
events        1,234,567 in 0.50 s, 2,469,134/s, 2 shards
input         events.ndjson, no bad entries, waited for room 3 times
restarts      0
drops         none
conservation  holds: 10 published, 10 accounted for, 0 in flight
verdict       lost 0, dead letters 10, delivered again 0

group                                     where  delivered  filtered  dead letters  again  retried  dropped     p50     p95     p99   max
billing                                   shard         10         0             0      0        0        0  7.3 us  1.5 ms  2.25 s  61 s
${'n'.repeat(39)}…  shard          0         0            10      0        0        0       -       -       -     -

queue      fullest lane   peak     of  at the end
normal  main to shard-1  2 KiB  1 MiB         0 B
`);
  });

  test('says what went wrong', () => {
    const one = report(
      [group({ delivered: 8, dropped: { full: 1 } })],
      { shards: 0, unrouted: 2, conservation: { holds: false, published: 10, accounted: 9, inFlight: 1 } },
      { drained: false },
      {
        interruptedBy: 'SIGINT',
        failure: 'RINGMAIN_SHARD_FAILED: gone',
        inputError: 'it broke off',
        totals: { published: 5, waits: 0, bad: 2, firstBad: [] },
      },
    );
    const text = formatSummary(one);
    for (const part of [
      'inline',
      '2 bad',
      '2 events matched no subscriber',
      'full 1',
      'BROKEN: 10 published, 9',
      'lost 1',
      'closed before everything settled',
      'by SIGINT',
      'RINGMAIN_SHARD_FAILED: gone',
      'it broke off',
    ]) {
      expect(text).toContain(part);
    }
  });
});
