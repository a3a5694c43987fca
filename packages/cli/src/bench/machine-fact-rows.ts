/** What a reader must know about the machine to judge figures. Thread: any. */
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { formatBytes } from '../report/format-values.ts';

/** Rows of a table; the first is the header. */
export function machineFactRows(): string[][] {
  return [
    ['fact', ''],
    ['processor', cpus()[0]?.model ?? 'unknown'],
    ['cores', String(availableParallelism())],
    ['memory', formatBytes(totalmem())],
    ['system', `${process.platform}-${process.arch}`],
    ['Node', process.versions.node],
    ['load average at the end', (loadavg()[0] ?? 0).toFixed(2)],
  ];
}
