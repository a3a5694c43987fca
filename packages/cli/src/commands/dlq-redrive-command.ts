/** `ringmain dlq redrive`: starts a runtime from a configuration, redrives the letters of a file through it, and leaves in the file what is left. */
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '@ringmain/core';
import { createRuntime, letterLineFilter, loadConfig } from 'ringmain';
import type { Runtime } from 'ringmain';
import { requireWritable } from '../output-file.ts';
import type { LetterOptions } from '../dlq/letter-options.ts';
import { filterOf, numberOf } from '../dlq/letter-options.ts';
import { LetterSnapshot } from '../dlq/letter-snapshot.ts';
import { checkLetters, redriveLetterFile, takeAll } from '../dlq/redrive-file.ts';
import type { RedriveFileParts, RedriveFileResult } from '../dlq/redrive-file.ts';
import { ExitCode } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { Interrupts } from '../run/interrupts.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';
import { variableNotes } from './validate-command.ts';

/** Options of `dlq redrive`. */
export interface DlqRedriveOptions extends LetterOptions {
  readonly rate?: string;
  readonly dryRun?: boolean;
}

/**
 * Runs the command.
 *
 * @throws {@link RingmainError} what `createRuntime` throws; `RINGMAIN_GROUP_UNKNOWN`, and the file is as it was
 */
export async function dlqRedrive(
  configPath: string,
  path: string,
  options: DlqRedriveOptions,
  io: CommandIo,
): Promise<ExitCodeValue> {
  const fits = letterLineFilter(filterOf(options));
  const limit = numberOf('--limit', options.limit, Infinity, true);
  const ratePerSec = options.rate === undefined ? undefined : numberOf('--rate', options.rate, 0, false);
  requireWritable('FILE', path);
  for (const note of variableNotes(loadConfig(configPath))) await writeOut(io.stderr, `${note}\n`);
  const interrupts = new Interrupts(io.signals, (signal) => {
    io.stderr.write(`\n${signal}: no more letters are redriven\n`);
  });
  try {
    const runtime = await createRuntime({ config: configPath });
    const onRefused = (text: string): void => void io.stderr.write(`${text}\n`);
    const pause = async (ms: number, signal: AbortSignal): Promise<void> => setTimeout(ms, undefined, { signal }).catch(() => {});
    const parts = { runtime, fits, limit, ratePerSec, stop: interrupts.stop, onRefused, pause, clock: systemClock };
    const result = await redriveOnce(parts, path, runtime, options.dryRun === true);
    await writeOut(io.stdout, `${textOf(result, options.dryRun === true)}\n`);
    if (interrupts.signal !== undefined) return interrupts.signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    return result.refused + result.failed + result.displaced > 0 || result.unsettled ? ExitCode.incomplete : ExitCode.ok;
  } finally {
    interrupts.dispose();
  }
}

async function redriveOnce(
  given: Omit<RedriveFileParts, 'lines'>,
  path: string,
  runtime: Runtime,
  dryRun: boolean,
): Promise<RedriveFileResult> {
  let opened: LetterSnapshot | undefined;
  try {
    const file = new LetterSnapshot(path);
    opened = file;
    // What comes to the file from now on was not checked, and is not redriven.
    const parts = { ...given, lines: () => file.lines() };
    const checked = await checkLetters(parts);
    if (dryRun || parts.stop.aborted) return checked;
    return await file.replace(async (left) => {
      const result = await redriveLetterFile(parts, left);
      await runtime.close();
      for (const letter of takeAll(runtime)) {
        // What had not settled in time is here by now.
        result.failed++;
        left.add(letter);
      }
      return result;
    });
  } finally {
    opened?.close();
    await runtime.close();
  }
}

function textOf({ chosen, redriven, failed, refused, displaced, unsettled }: RedriveFileResult, dryRun: boolean): string {
  if (dryRun) return `${chosen} letters would be redriven, ${refused} could not`;
  const early = displaced > 0 ? `, ${displaced} left the store before their turn and are still in the file` : '';
  const late = unsettled ? '; not everything settled in time, and what did not is left in the file' : '';
  return `${chosen} letters chosen, ${redriven} redriven, ${failed} failed again, ${refused} refused${early}${late}`;
}
