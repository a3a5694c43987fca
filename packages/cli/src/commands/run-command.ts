/** `ringmain run`: starts a runtime from a configuration, feeds it, and reports what happened. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RingmainError, systemClock } from '@ringmain/core';
import type { ReloadReport } from 'ringmain';
import { createRuntime, loadConfig, loadModule } from 'ringmain';
import { LetterWriter } from '../dlq/letter-file.ts';
import { takeAll } from '../dlq/redrive-file.ts';
import { ExitCode, exitCodeOf, exitCodeOfStart } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { formatError } from '../format-error.ts';
import type { InputSource } from '../input/input-source.ts';
import { openModule } from '../input/module-source.ts';
import { openNdjson } from '../input/ndjson-source.ts';
import { requireWritable, writeOutputFile } from '../output-file.ts';
import { createProgress } from '../report/progress.ts';
import { isComplete, isInputClean } from '../report/run-report.ts';
import { formatSummary } from '../report/summary.ts';
import { executeRun } from '../run/execute-run.ts';
import type { RunResult } from '../run/execute-run.ts';
import { HealthFile } from '../run/health-file.ts';
import { Hangups } from '../run/hangups.ts';
import { Interrupts } from '../run/interrupts.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';
import { variableNotes } from './validate-command.ts';

/** Options of `run`. */
export interface RunOptions {
  readonly input?: string;
  readonly source?: string;
  readonly report?: string;
  readonly deadLetters?: string;
  readonly healthFile?: string;
  readonly quiet?: boolean;
  readonly strict?: boolean;
  readonly verbose?: boolean;
}

/** Runs the command; everything that can go wrong becomes an exit code and a message. */
export async function runCommand(configPath: string, options: RunOptions, io: CommandIo): Promise<ExitCodeValue> {
  const interrupts = new Interrupts(io.signals, (signal, count) => {
    const text =
      count === 1 ? 'no more input is read; draining. Once more to stop without draining' : 'stopping without draining';
    io.stderr.write(`\n${signal}: ${text}\n`);
  });
  try {
    return await runUntil(configPath, options, io, interrupts);
  } finally {
    interrupts.dispose();
  }
}

async function runUntil(configPath: string, options: RunOptions, io: CommandIo, interrupts: Interrupts): Promise<ExitCodeValue> {
  let started: Started;
  try {
    started = await start(configPath, options, io, interrupts.stop);
  } catch (error) {
    await writeOut(io.stderr, formatError(error, options.verbose === true));
    return exitCodeOfStart(error);
  }
  const { source, runtime } = started;
  const progress = createProgress(io.stderr, {
    quiet: options.quiet === true,
    bytesTotal: source.bytesTotal,
    nowUs: systemClock.monotonicUs(),
  });
  const strict = options.strict === true;
  const reload = (): Promise<ReloadReport> => runtime.reload(configPath);
  const letters = options.deadLetters === undefined ? undefined : new LetterWriter(options.deadLetters);
  // Whatever makes room for newer letters, or is too old, is written when it goes, so that the file has all of them.
  if (letters !== undefined) runtime.deadLetters.onEvict((letter) => letters.add(letter));
  const hangups = new Hangups(io.signals, reload, (text) => void io.stderr.write(`\n${text}`));
  const health = options.healthFile === undefined ? undefined : healthFile(options.healthFile, runtime, io);
  await health?.look();
  try {
    const result = await executeRun({ runtime, source, progress, interrupts, clock: systemClock, strict });
    const code = await finish(result, options, io, interrupts);
    return letters === undefined || (await writeLetters(runtime, letters, io)) ? code : ExitCode.failed;
  } finally {
    await health?.remove();
    hangups.dispose();
  }
}

interface Started {
  readonly source: InputSource;
  readonly runtime: Awaited<ReturnType<typeof createRuntime>>;
}

/** Checks everything that can be checked before threads start, then starts them. */
async function start(configPath: string, options: RunOptions, io: CommandIo, stop: AbortSignal): Promise<Started> {
  if (options.input !== undefined && options.source !== undefined) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', '--input and --source are both given', { allowed: 'one of them' });
  }
  if (options.report !== undefined) requireWritable('--report', options.report);
  if (options.deadLetters !== undefined) requireWritable('--dead-letters', options.deadLetters);
  if (options.healthFile !== undefined) requireWritable('--health-file', options.healthFile);
  for (const note of variableNotes(loadConfig(configPath))) await writeOut(io.stderr, `${note}\n`);
  const source = options.source === undefined ? openNdjson(options.input ?? '-') : await openSourceModule(options.source, stop);
  return { source, runtime: await createRuntime({ config: configPath }) };
}

function healthFile(path: string, runtime: Started['runtime'], io: CommandIo): HealthFile {
  return new HealthFile({
    path,
    health: () => runtime.health(),
    clock: systemClock,
    lookMs: runtime.config.health.lookMs,
    onFailure: (error) => void io.stderr.write(`\nthe health could not be written: ${formatError(error, false)}`),
  });
}

/** Opens a module of the user to read events from. */
export async function openSourceModule(path: string, stop: AbortSignal): Promise<InputSource> {
  return openModule(path, await loadModule(pathToFileURL(resolve(path)).href), stop);
}

/** Writes the letters that are left; says why it could not, and returns false then. */
async function writeLetters(runtime: Started['runtime'], letters: LetterWriter, io: CommandIo): Promise<boolean> {
  for (const letter of takeAll(runtime)) letters.add(letter);
  letters.flush();
  if (letters.failure === undefined) return true;
  await writeOut(io.stderr, `the dead letters could not be written: ${formatError(letters.failure, false)}`);
  return false;
}

async function finish(
  { report, failure, abandoned }: RunResult,
  options: RunOptions,
  io: CommandIo,
  interrupts: Interrupts,
): Promise<ExitCodeValue> {
  await writeOut(io.stdout, formatSummary(report));
  if (failure !== undefined) await writeOut(io.stderr, formatError(failure, options.verbose === true));
  const code = exitCodeOf({
    signal: interrupts.signal,
    failed: failure !== undefined || (abandoned && interrupts.signal === undefined),
    complete: isComplete(report),
    inputClean: isInputClean(report),
  });
  if (options.report === undefined) return code;
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  return (await writeOutputFile(options.report, text, io.stderr)) ? code : ExitCode.failed;
}
