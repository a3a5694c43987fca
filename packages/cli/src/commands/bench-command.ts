/** `ringmain bench`: starts a runtime from a configuration, loads it at a given rate, and reports how it fared. */
import { extname } from 'node:path';
import { RingmainError, systemClock } from '@ringmain/core';
import { createRuntime, loadConfig } from 'ringmain';
import { benchPage } from '../bench/bench-page.ts';
import type { BenchLoad } from '../bench/bench-report.ts';
import { formatBenchSummary } from '../bench/bench-summary.ts';
import { executeBench } from '../bench/execute-bench.ts';
import type { BenchResult } from '../bench/execute-bench.ts';
import type { LoadSchedule } from '../bench/load-schedule.ts';
import { steppedLoad } from '../bench/load-schedule.ts';
import type { ReplayItems } from '../bench/replay-items.ts';
import { REPLAY_ITEMS_MAX, readReplayItems } from '../bench/replay-items.ts';
import { ExitCode, exitCodeOf, exitCodeOfStart } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { formatError } from '../format-error.ts';
import { openNdjson } from '../input/ndjson-source.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';
import { createProgress } from '../report/progress.ts';
import { isComplete, isInputClean } from '../report/run-report.ts';
import { Interrupts } from '../run/interrupts.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';
import { openSourceModule } from './run-command.ts';
import { variableNotes } from './validate-command.ts';

/** Options of `bench`. */
export interface BenchOptions {
  readonly input?: string;
  readonly rate?: string;
  readonly seconds?: string;
  readonly burst?: string;
  readonly json?: string;
  readonly html?: string;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** Every event of the load is published, however late: of more than a thread can ever publish there would be no end. */
const RATE_MAX = 10_000_000;
const SECONDS_MAX = 86_400;
const BURST_MAX = 1_000_000;

const MODULE_ENDINGS: ReadonlySet<string> = new Set(['.js', '.mjs', '.ts', '.mts']);

interface Started {
  readonly items: ReplayItems;
  readonly inputName: string;
  readonly load: BenchLoad;
  readonly schedule: LoadSchedule;
  readonly runtime: Awaited<ReturnType<typeof createRuntime>>;
}

/** Runs the command; everything that can go wrong becomes an exit code and a message. */
export async function benchCommand(configPath: string, options: BenchOptions, io: CommandIo): Promise<ExitCodeValue> {
  const interrupts = new Interrupts(io.signals, (signal, count) => {
    const text = count === 1 ? 'the load ends; draining. Once more to stop without draining' : 'stopping without draining';
    io.stderr.write(`\n${signal}: ${text}\n`);
  });
  try {
    const started = await start(configPath, options, io, interrupts.stop);
    const progress = createProgress(io.stderr, {
      quiet: options.quiet === true,
      // A line would call this a share of the input.
      bytesTotal: io.stderr.isTTY === true ? started.schedule.events : undefined,
      nowUs: systemClock.monotonicUs(),
    });
    const result = await executeBench({ ...started, progress, interrupts, clock: systemClock });
    return await finish(configPath, result, options, io, interrupts);
  } catch (error) {
    await writeOut(io.stderr, formatError(error, options.verbose === true));
    return exitCodeOfStart(error);
  } finally {
    interrupts.dispose();
  }
}

/** Checks everything that can be checked before threads start, then starts them. */
async function start(configPath: string, options: BenchOptions, io: CommandIo, stop: AbortSignal): Promise<Started> {
  const load = readLoad(options);
  const steps = load.rates.map((ratePerSecond) => ({
    ratePerSecond,
    burst: load.burst,
    seconds: load.seconds / load.rates.length,
  }));
  if (options.json !== undefined) requireWritable('--json', options.json);
  if (options.html !== undefined) requireWritable('--html', options.html);
  for (const note of variableNotes(loadConfig(configPath))) await writeOut(io.stderr, `${note}\n`);
  const input = options.input ?? '-';
  const source = MODULE_ENDINGS.has(extname(input)) ? await openSourceModule(input, stop) : openNdjson(input);
  const items = await readReplayItems(source, stop);
  for (const { message } of items.bad.slice(0, 1)) await writeOut(io.stderr, `${message}\n`);
  if (items.cut) await writeOut(io.stderr, `note: only the first ${REPLAY_ITEMS_MAX} events of ${source.name} are replayed\n`);
  const schedule = steppedLoad(steps);
  return { items, inputName: source.name, load, schedule, runtime: await createRuntime({ config: configPath }) };
}

function readLoad(options: BenchOptions): BenchLoad {
  const burst = positive('--burst', options.burst ?? '1', BURST_MAX, 'a whole number from 1 to');
  if (!Number.isInteger(burst)) throw notAllowed('--burst', String(burst), `a whole number from 1 to ${BURST_MAX}`);
  return {
    rates: (options.rate ?? '1000').split(',').map((text) => positive('--rate', text, RATE_MAX)),
    burst,
    seconds: positive('--seconds', options.seconds ?? '10', SECONDS_MAX),
  };
}

function positive(option: string, text: string, max: number, from = 'a number above 0 and up to'): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value > 0 && value <= max) return value;
  throw notAllowed(option, text, `${from} ${max}`);
}

function notAllowed(option: string, text: string, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_OPTION_INVALID', `${option} is ${text.trim() === '' ? 'empty' : text}`, { allowed });
}

async function finish(
  name: string,
  { report, failure, abandoned }: BenchResult,
  options: BenchOptions,
  io: CommandIo,
  interrupts: Interrupts,
): Promise<ExitCodeValue> {
  await writeOut(io.stdout, formatBenchSummary(report));
  if (failure !== undefined) await writeOut(io.stderr, formatError(failure, options.verbose === true));
  const code = exitCodeOf({
    signal: interrupts.signal,
    failed: failure !== undefined || (abandoned && interrupts.signal === undefined),
    complete: isComplete(report.run),
    inputClean: isInputClean(report.run),
  });
  const files = [
    ...(options.json === undefined ? [] : [{ path: options.json, text: `${JSON.stringify(report, undefined, 2)}\n` }]),
    ...(options.html === undefined ? [] : [{ path: options.html, text: benchPage(name, report) }]),
  ];
  let written = true;
  for (const { path, text } of files) written = (await writeOutputFile(path, text, io.stderr)) && written;
  return written ? code : ExitCode.failed;
}
