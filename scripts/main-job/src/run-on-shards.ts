/**
 * Runs the job on ringmain: publishes every file, collects the totals of every package.
 * Thread: main.
 *
 * 1. Publish how many files each package has, then the files; when a lane is full, wait until there is room. `ringmain.json` keeps those
 *    lanes small, so that this does happen, and the lanes between shards wide, so that telemetry, which goes last, holds up no parser.
 * 2. `drain`: when everything has settled, every package must have been reported.
 * 3. Ask for the telemetry, and close.
 */
import type { CloseReport, RuntimeConfig } from 'ringmain';
import { createRuntime } from 'ringmain';
import { kindOf } from './analysis/parse-source.ts';
import type { SourceFile } from './discover-files.ts';
import { countByPackage } from './discover-files.ts';
import type { Events } from './events.ts';
import { events } from './events.ts';
import { showProgress } from './progress.ts';
import { startWatch } from './start-watch.ts';

const HANDLERS = new URL('./handlers.js', import.meta.url);
const DRAIN_MS = 600_000;

/** What came out. */
export interface ShardsRun {
  readonly seconds: number;
  /** CPU time of all threads of the process meanwhile. */
  readonly cpuSeconds: number;
  readonly packages: readonly Events['package.indexed'][];
  readonly telemetry: readonly Events['telemetry.summarized'][];
  readonly close: CloseReport;
}

/** Indexes files on shards. */
export async function runOnShards(files: readonly SourceFile[], config: RuntimeConfig): Promise<ShardsRun> {
  await using runtime = await createRuntime({ events, config, subscribers: [HANDLERS] });
  const packages: Events['package.indexed'][] = [];
  const telemetry: Events['telemetry.summarized'][] = [];
  const collect = runtime.subscribe(
    ['package.indexed', 'telemetry.summarized'],
    (event) => {
      if (event.type === 'package.indexed') packages.push(event.decode());
      else telemetry.push(event.decode());
    },
    { group: 'collect' },
  );
  await collect.ready;

  const parsed = (): number => runtime.metrics().groups.find(({ name }) => name === 'parse')?.delivered ?? 0;
  const progress = showProgress(`${config.shards} shards`, files.length, parsed);
  const elapsed = startWatch();
  for (const [name, count] of countByPackage(files)) {
    while (!runtime.publish('package.found', { package: name, files: count }).accepted) await runtime.ready();
  }
  for (const file of files) {
    while (!runtime.publish('file.found', file).accepted) await runtime.ready();
  }
  await runtime.drain({ timeoutMs: DRAIN_MS });
  const times = elapsed();
  progress.stop();

  for (const kind of new Set(files.map(({ path }) => kindOf(path))))
    await runtime.send('telemetry.requested', { kind }, { until: 'handled' });
  return { ...times, packages, telemetry, close: await runtime.close() };
}
