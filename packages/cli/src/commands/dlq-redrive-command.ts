/** `ringmain dlq redrive`: starts a runtime from a configuration, redrives the letters of a file through it, and leaves in the file what is left. */
import { createRuntime, letterLineFilter, loadConfig } from 'ringmain';
import type { Runtime } from 'ringmain';
import { requireWritable } from '../output-file.ts';
import { rewriteLetterFile } from '../dlq/letter-file.ts';
import type { LetterOptions } from '../dlq/letter-options.ts';
import { filterOf, numberOf } from '../dlq/letter-options.ts';
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
    const parts = { runtime, path, fits, limit, ratePerSec, stop: interrupts.stop, onRefused };
    const result = await redriveOnce(parts, runtime, options.dryRun === true);
    await writeOut(io.stdout, `${textOf(result, options.dryRun === true)}\n`);
    if (interrupts.signal !== undefined) return interrupts.signal === 'SIGINT' ? ExitCode.interrupted : ExitCode.terminated;
    return result.refused + result.failed > 0 || result.unsettled ? ExitCode.incomplete : ExitCode.ok;
  } finally {
    interrupts.dispose();
  }
}

async function redriveOnce(parts: RedriveFileParts, runtime: Runtime, dryRun: boolean): Promise<RedriveFileResult> {
  try {
    const checked = await checkLetters(parts);
    if (dryRun || parts.stop.aborted) return checked;
    return await rewriteLetterFile(parts.path, async (left) => {
      const result = await redriveLetterFile(parts, left);
      await runtime.close();
      for (const letter of takeAll(runtime)) {
        result.failed++;
        left.add(letter);
      }
      return result;
    });
  } finally {
    await runtime.close();
  }
}

function textOf({ chosen, redriven, failed, refused, unsettled }: RedriveFileResult, dryRun: boolean): string {
  if (dryRun) return `${chosen} letters would be redriven, ${refused} could not`;
  const late = unsettled ? '; not everything settled in time, and what did not is left in the file' : '';
  return `${chosen} letters chosen, ${redriven} redriven, ${failed} failed again, ${refused} refused${late}`;
}
