/**
 * The command line of the job.
 * Thread: main.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './discover-files.ts';

/** Packages are too few and too unequal in size to keep more shards busy. */
const SHARDS_MAX = 8;

/** How to use it. */
export const USAGE = `Usage: npm start -- [options]

Indexes every source file in node_modules on all cores, and again on one thread to compare.

  --limit N      index only N files
  --shards N     number of shard threads (default: one per core, at most ${SHARDS_MAX}; 0 runs the handlers on the main thread)
  --report FILE  where to write the report as JSON (default: .ringmain/report.json)
  --help         print this`;

/** Options of the job. */
export interface Options {
  readonly limit: number;
  readonly shards: number;
  readonly reportPath: string;
  readonly help: boolean;
}

/**
 * Reads the command line.
 *
 * @throws Error with a message for the user
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      limit: { type: 'string' },
      shards: { type: 'string' },
      report: { type: 'string', default: '.ringmain/report.json' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    limit: integer('--limit', values.limit, 1) ?? Infinity,
    // The runtime's own "auto" leaves cores to the host service; this process has nothing else to do.
    shards: integer('--shards', values.shards, 0) ?? Math.min(availableParallelism(), SHARDS_MAX),
    reportPath: resolve(ROOT, values.report),
    help: values.help,
  };
}

function integer(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min)) throw new Error(`${name} is ${JSON.stringify(text)}; allowed is an integer of at least ${min}`);
  return value;
}
