#!/usr/bin/env node
/**
 * Entry of the `ringmain` command. The process ends by itself once everything is written and closed; only when something of the
 * user's modules still holds it is it ended, with nothing left to write.
 */
import { ExitCode } from './exit-codes.ts';
import { formatError } from './format-error.ts';
import { runProgram } from './program.ts';
import { writeOut } from './write-out.ts';

/** Time for handles that close by themselves, such as log streams. */
const LINGER_MS = 1000;

const io = { stdout: process.stdout, stderr: process.stderr, signals: process };

// A reader of the output that went away ends the output, not the run.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

// Out of a promise or timer of the user's modules: the state of the run is unknown, so it ends.
process.once('uncaughtException', (error) => {
  void writeOut(process.stderr, formatError(error, process.argv.includes('--verbose'))).then(() => process.exit(ExitCode.failed));
});

process.exitCode = await runProgram(process.argv.slice(2), io);
setTimeout(() => process.exit(), LINGER_MS).unref();
