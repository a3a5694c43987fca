/**
 * The same work in a plain loop: the thing to compare with.
 * Thread: a worker of its own, started for this, so that it is neither helped nor hindered by what the main thread did before. It warms
 * up the way every shard does, calls the same functions as the handlers, and reports its progress now and then.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { SourceFile } from './discover-files.ts';
import { countByPackage } from './discover-files.ts';
import type { Events } from './events.ts';
import { countSource, hashSource } from './analysis/examine-source.ts';
import { PackageTotals } from './analysis/package-totals.ts';
import { ParseTimes } from './analysis/parse-times.ts';
import { kindOf, parseSource } from './analysis/parse-source.ts';
import { readSource } from './analysis/read-source.ts';
import { warmUp } from './analysis/warm-up.ts';
import type { OneThreadRun } from './run-on-one-thread.ts';
import { startWatch } from './start-watch.ts';

/** What the worker posts. */
export type SingleThreadMessage = { readonly done: number } | OneThreadRun;

const PROGRESS_FILES = 64;

function indexFiles(files: readonly SourceFile[], report: (done: number) => void): Events['package.indexed'][] {
  const times = new ParseTimes();
  const packages: Events['package.indexed'][] = [];
  const open = new Map<string, PackageTotals>();
  for (const [name, count] of countByPackage(files)) {
    const totals = new PackageTotals(name);
    totals.expect(count);
    open.set(name, totals);
  }
  for (const [index, { path, package: name, bytes }] of files.entries()) {
    const totals = open.get(name) as PackageTotals;
    const kind = kindOf(path);
    const source = readSource(path);
    const startMs = performance.now();
    totals.addParsed(parseSource(source, kind));
    times.record({ kind, bytes, parseUs: (performance.now() - startMs) * 1000 });
    totals.addHashed(hashSource(source));
    totals.addCounted(countSource(source));
    const indexed = totals.whenComplete();
    if (indexed !== undefined) packages.push(indexed);
    if (index % PROGRESS_FILES === 0) report(index);
  }
  return packages;
}

const post = (message: SingleThreadMessage): void => parentPort?.postMessage(message);

warmUp();
const elapsed = startWatch();
const packages = indexFiles(workerData as readonly SourceFile[], (done) => post({ done }));
post({ ...elapsed(), packages });
