/** Errors as the command prints them: code and message; with `--verbose` stack and causes. */
import { inspect } from 'node:util';

/** Writes an error for standard error; ends with a line feed. */
export function formatError(error: unknown, verbose: boolean): string {
  if (verbose) return `${inspect(error, { depth: 6 })}\n`;
  if (!(error instanceof Error)) return `${String(error)}\n`;
  // A RingmainError begins with its code; other errors say at least of which kind they are.
  return error.name === 'RingmainError' ? `${error.message}\n` : `${error.name}: ${error.message}\n`;
}
