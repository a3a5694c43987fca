/** Files that a command writes at its end. */
import { accessSync, constants, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { RingmainError } from '@ringmain/core';
import { formatError } from './format-error.ts';
import { writeOut } from './write-out.ts';

/**
 * Finds out before the work, not after hours of it, that a file cannot be written.
 *
 * @param option - option that names the file, such as `--report`
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
 */
export function requireWritable(option: string, path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new Error('it is a folder');
  } catch (cause) {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `${option} ${path} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Writes a file; says on `stderr` why it could not, and returns false then. */
export async function writeOutputFile(path: string, text: string, stderr: NodeJS.WritableStream): Promise<boolean> {
  try {
    await writeFile(path, text);
    return true;
  } catch (error) {
    await writeOut(stderr, `the report could not be written: ${formatError(error, false)}`);
    return false;
  }
}
