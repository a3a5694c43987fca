/**
 * The summary for people, on standard output.
 * Thread: main.
 */
import type { Report } from './build-report.ts';
import type { ShardsRun } from './run-on-shards.ts';

const PACKAGES_SHOWN = 15;
const FACT_CHARS = 14;

/** Prints tables of packages, kinds of files and groups, and the comparison with one thread. */
export function printSummary({ packages, telemetry }: ShardsRun, report: Report): void {
  const largest = [...packages].sort((a, b) => b.bytes - a.bytes).slice(0, PACKAGES_SHOWN);
  const columns = ['files', 'lines', 'functions', 'classes', 'imports', 'unparsed', 'bytes'] as const;
  const rows = largest.map((one) => [one.package, ...columns.map((column) => count(one[column])), count(one.nestingMax)]);
  const totals = columns.map((column) => count(packages.reduce((sum, one) => sum + one[column], 0)));
  const nestingMax = packages.reduce((max, one) => Math.max(max, one.nestingMax), 0);
  print(
    [`the ${largest.length} largest packages`, ...columns, 'nesting'],
    [...rows, [`all ${packages.length} packages`, ...totals, count(nestingMax)]],
  );

  print(
    ['kind of file', 'files', 'bytes', 'parsing', 'p50', 'p99'],
    telemetry.map((kind) => [
      kind.kind,
      count(kind.files),
      count(kind.bytes),
      `${kind.seconds.toFixed(2)} s`,
      duration(kind.p50Us),
      duration(kind.p99Us),
    ]),
  );

  print(
    ['group', 'delivered', 'latency p50', 'p95', 'p99'],
    report.groups.map(({ name, delivered, latencyUs }) => [
      name,
      count(delivered),
      duration(latencyUs.p50),
      duration(latencyUs.p95),
      duration(latencyUs.p99),
    ]),
  );

  const { shards } = report;
  const seconds = (wall: number, cpu: number): string => `${wall.toFixed(2)} s, ${cpu.toFixed(1)} s of CPU`;
  const facts = {
    events: `${count(report.events)}, ${count(report.eventsPerSecond)} per second; ${count(report.rejected)} waited for room`,
    lost: `${report.lost}, duplicates ${report.duplicates}, restarts ${report.restarts}`,
    conservation: report.conservation.holds ? 'holds' : 'IS BROKEN',
    totals: report.totalsAgree ? 'the same as on one thread' : 'DIFFER from those of one thread',
    [`${shards} shard${shards === 1 ? '' : 's'}`]: `${seconds(report.seconds, report.cpuSeconds)}, from the first publish to the last result`,
    '1 thread': `${seconds(report.singleThreadSeconds, report.singleThreadCpuSeconds)}, the same functions in a plain loop, as warm`,
    'speed-up': `${report.speedup.toFixed(2)}x (the engine's own threads, for compiling and garbage, run beside both)`,
  };
  for (const [name, text] of Object.entries(facts)) console.log(`${name.padEnd(FACT_CHARS)}${text}`);
}

/** Prints a table; the first column is text, the others are figures. */
function print(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    console.log(
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    );
  }
  console.log();
}

function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function duration(us: number): string {
  return us < 1000 ? `${Math.round(us)} us` : `${(us / 1000).toFixed(1)} ms`;
}
