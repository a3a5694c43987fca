/**
 * The main job, `npm start`: indexes every source file that the workspace has installed, on all cores, and again on one thread.
 * Thread: main.
 *
 * Exit code 0 when nothing was lost, the conservation law holds and both runs found the same; 1 when not; 2 for a wrong command line.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import process from 'node:process';
import { loadConfig } from 'ringmain';
import { buildReport, isGood } from './build-report.ts';
import { ROOT, discoverFiles } from './discover-files.ts';
import { printSummary } from './print-summary.ts';
import type { Options } from './read-options.ts';
import { USAGE, readOptions } from './read-options.ts';
import { runOnOneThread } from './run-on-one-thread.ts';
import { runOnShards } from './run-on-shards.ts';

const CONFIG = new URL('../ringmain.json', import.meta.url);

async function indexAll({ limit, shards, reportPath }: Options): Promise<number> {
  const files = discoverFiles(limit);
  const config = { ...loadConfig(CONFIG).config, shards, shardsMax: shards };
  const run = await runOnShards(files, config);
  // Second, so that the file cache of the system, if it is cold, slows the shards and not the thread they are compared with.
  const single = await runOnOneThread(files);
  const report = buildReport(files, run, single);
  printSummary(run, report);
  mkdirSync(dirname(reportPath), { recursive: true });
  writeFileSync(reportPath, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(`${'report'.padEnd(14)}${relative(ROOT, reportPath)}`);
  return isGood(report) ? 0 : 1;
}

function options(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return undefined;
  }
}

const given = options();
if (given?.help === true) console.log(USAGE);
else process.exitCode = given === undefined ? 2 : await indexAll(given);
