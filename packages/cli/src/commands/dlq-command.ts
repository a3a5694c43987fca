/** `ringmain dlq list|peek|count|purge`: reads and cleans a file of dead letters, without starting anything. */
import { RingmainError } from '@ringmain/core';
import type { LetterLine } from 'ringmain';
import { letterLineFilter } from 'ringmain';
import { readLetterFile } from '../dlq/letter-file.ts';
import type { FileLine } from '../dlq/letter-file.ts';
import type { LetterOptions } from '../dlq/letter-options.ts';
import { filterOf, numberOf } from '../dlq/letter-options.ts';
import { LetterSnapshot } from '../dlq/letter-snapshot.ts';
import { ExitCode } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { textTable } from '../report/text-table.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';

/** Options of `dlq list`. */
export interface DlqListOptions extends LetterOptions {
  readonly json?: boolean;
}

/** Options of `dlq purge`. */
export interface DlqPurgeOptions extends LetterOptions {
  readonly all?: boolean;
}

const LISTED = 100;
const MESSAGE_CHARS = 60;

/** Prints letters, one a line, in the order of the file. */
export async function dlqList(path: string, options: DlqListOptions, io: CommandIo): Promise<ExitCodeValue> {
  const limit = numberOf('--limit', options.limit, LISTED, true);
  const rows: string[][] = [['died', 'first failed', 'group', 'reason', 'attempts', 'type', 'error', 'id']];
  const found = await scan(path, options, io, async (line, { text }, index) => {
    if (index >= limit) return;
    if (options.json === true) await writeOut(io.stdout, `${text}\n`);
    else rows.push(rowOf(line));
  });
  if (options.json !== true) await writeOut(io.stdout, `${textTable(rows).join('\n')}\n`);
  if (found.count > limit) await writeOut(io.stderr, `note: ${found.count - limit} more letters; --limit shows more\n`);
  return found.code;
}

/** Prints one letter. */
export async function dlqPeek(path: string, id: string, io: CommandIo): Promise<ExitCodeValue> {
  for await (const { letter } of readLetterFile(path)) {
    if (letter?.id !== id) continue;
    await writeOut(io.stdout, `${JSON.stringify(letter, undefined, 2)}\n`);
    return ExitCode.ok;
  }
  await writeOut(io.stderr, `there is no letter ${id} in ${path}\n`);
  return ExitCode.incomplete;
}

/** Prints how many letters there are. */
export async function dlqCount(path: string, options: LetterOptions, io: CommandIo): Promise<ExitCodeValue> {
  const found = await scan(path, options, io, async () => {});
  await writeOut(io.stdout, `${found.count}\n`);
  return found.code;
}

/** Removes letters from the file; lines that are no letters stay. */
export async function dlqPurge(path: string, options: DlqPurgeOptions, io: CommandIo): Promise<ExitCodeValue> {
  const filter = filterOf(options);
  if (Object.keys(filter).length === 0 && options.all !== true) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', 'nothing says which letters', {
      allowed: '--group, --type, --reason, --since, --until, or --all',
    });
  }
  const fits = letterLineFilter(filter);
  const limit = numberOf('--limit', options.limit, Infinity, true);
  const result = { purged: 0, left: 0 };
  const file = new LetterSnapshot(path);
  try {
    await file.replace(async (writer) => {
      for await (const { text, letter } of file.lines()) {
        if (letter !== undefined && fits(letter) && result.purged < limit) result.purged++;
        else writer.add(text);
      }
      result.left = writer.count;
    });
  } finally {
    file.close();
  }
  await writeOut(io.stdout, `${result.purged} letters removed, ${result.left} left\n`);
  return ExitCode.ok;
}

async function scan(
  path: string,
  options: LetterOptions,
  io: CommandIo,
  visit: (letter: LetterLine, line: FileLine, index: number) => Promise<void>,
): Promise<{ readonly count: number; readonly code: ExitCodeValue }> {
  const fits = letterLineFilter(filterOf(options));
  let count = 0;
  let code: ExitCodeValue = ExitCode.ok;
  for await (const line of readLetterFile(path)) {
    if (line.letter === undefined) {
      code = ExitCode.badInput;
      await writeOut(io.stderr, `line ${line.position} is no letter: ${line.problem}\n`);
    } else if (fits(line.letter)) await visit(line.letter, line, count++);
  }
  return { count, code };
}

function rowOf({ firstFailedAt = '-', deadAt, group, reason, attempts, event, error, id }: LetterLine): string[] {
  const said = error === null ? '-' : `${error.name}: ${error.message}`.replaceAll(/\s+/g, ' ').slice(0, MESSAGE_CHARS);
  return [deadAt, firstFailedAt, group, reason, String(attempts), event.type, said, id];
}
