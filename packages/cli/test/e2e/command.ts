/** Runs the built command as a child process, as a user's shell would. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunReport } from '../../dist/index.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const folder = fileURLToPath(new URL('../fixtures', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command. */
export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error matches. */
  said(pattern: RegExp): Promise<void>;
}

/** Starts `ringmain` in the folder of the fixtures. */
export function start(
  argv: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Command {
  const child = spawn(process.execPath, [main, ...argv], { cwd: folder, env: { ...process.env, ...options.env }, stdio: 'pipe' });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    for (const listener of listeners) listener();
  });
  // The command may end without having read everything.
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!pattern.test(err)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      void ended.then(() => reject(new Error(`ended before it said ${String(pattern)}:\n${err}`)));
      look();
    });
  return { child, ended, said };
}

/** Runs `ringmain` to its end. */
export function run(
  argv: readonly string[],
  options?: { readonly input?: string; readonly env?: Record<string, string> },
): Promise<Ended> {
  return start(argv, { input: '', ...options }).ended;
}

/** Calls back with a path for a report, and returns what was written there. */
export async function withReport<T>(
  use: (path: string) => Promise<T>,
): Promise<{ readonly result: T; readonly report: RunReport }> {
  const temporary = mkdtempSync(join(tmpdir(), 'ringmain-report-'));
  try {
    const path = join(temporary, 'report.json');
    const result = await use(path);
    return { result, report: JSON.parse(readFileSync(path, 'utf8')) as RunReport };
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Lines of `count` orders; every tenth is a note of low priority. */
export function orderLines(count: number): string {
  const orders = Array.from({ length: count }, (_, id) =>
    id % 10 === 0
      ? { type: 'order.noted', data: { id, note: `ü ${id}` }, correlationId: `c-${id}` }
      : { type: 'order.placed', data: { id, amount: id / 4 }, priority: id % 3 === 0 ? 'high' : 'normal' },
  );
  return orders.map((order) => `${JSON.stringify(order)}\n`).join('');
}

/** Figures of one group of a report. */
export function groupOf(report: RunReport, name: string): RunReport['groups'][number] {
  const group = report.groups.find((candidate) => candidate.name === name);
  if (group === undefined) throw new Error(`no group ${name} in ${JSON.stringify(report.groups)}`);
  return group;
}
