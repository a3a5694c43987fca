/** The command line: its commands, options and help. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { benchCommand } from './commands/bench-command.ts';
import type { BenchOptions } from './commands/bench-command.ts';
import type { CommandIo } from './commands/command-io.ts';
import { addDlq } from './commands/dlq-program.ts';
import { planCommand } from './commands/plan-command.ts';
import type { PlanOptions } from './commands/plan-command.ts';
import { runCommand } from './commands/run-command.ts';
import type { RunOptions } from './commands/run-command.ts';
import { validateCommand } from './commands/validate-command.ts';
import type { ValidateOptions } from './commands/validate-command.ts';
import { EXIT_CODE_TEXTS, ExitCode, exitCodeOfStart } from './exit-codes.ts';
import type { ExitCodeValue } from './exit-codes.ts';
import { formatError } from './format-error.ts';
import { writeOut } from './write-out.ts';

const INPUT_HELP = `
Input is one JSON object a line: {"type": "order.placed", "data": {"id": 1}}
with optional key, priority, subject, source, correlationId, causationId, traceparent, deadline, dedupeKey, metadata.
A source module exports by default an iterable or async iterable of such objects, or a function that returns one.
`;

const RELOAD_HELP = `
At SIGHUP the configuration is read again; keys that may change while it runs change, and what changed is printed.
`;

const exitCodeHelp = `
Exit codes:
${EXIT_CODE_TEXTS.map(([code, text]) => `  ${String(code).padEnd(5)}${text}`).join('\n')}
`;

/**
 * Runs one command line.
 *
 * @param argv - arguments after the program's name
 * @returns the exit code, once everything is written
 */
export async function runProgram(argv: readonly string[], io: CommandIo): Promise<ExitCodeValue> {
  let code: ExitCodeValue = ExitCode.ok;
  const program = buildProgram(io, (value) => {
    code = value;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    await writeOut(io.stderr, formatError(error, argv.includes('--verbose')));
    return exitCodeOfStart(error);
  }
}

function buildProgram(io: CommandIo, exit: (code: ExitCodeValue) => void): Command {
  const program = new Command('ringmain')
    .description('Runs events through a multi-threaded runtime.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) })
    .addHelpText('after', exitCodeHelp);
  program
    .command('validate')
    .description('Checks a configuration without starting anything.')
    .argument('<config>', 'path of the configuration (JSON)')
    .option('--print', 'print the effective configuration, with defaults and environment variables')
    .option('--verbose', 'print errors with their stacks')
    .action(async (path: string, options: ValidateOptions) => exit(await validateCommand(path, options, io)))
    .addHelpText('after', exitCodeHelp);
  program
    .command('run')
    .description('Feeds events from a file, standard input or a module through the subscribers of a configuration.')
    .argument('<config>', 'path of the configuration (JSON)')
    .option('--input <file>', 'newline-delimited JSON to read, - for standard input (the default)')
    .option('--source <module>', 'module to read events from')
    .option('--report <file>', 'write what happened as JSON')
    .option('--dead-letters <file>', 'append deliveries that ended without success, one JSON object a line; see ringmain dlq')
    .option('--health-file <file>', 'keep the health of the runtime in a file, as JSON, while it runs')
    .option('--strict', 'stop at the first bad line')
    .option('--quiet', 'show no progress')
    .option('--verbose', 'print errors with their stacks')
    .action(async (path: string, options: RunOptions) => exit(await runCommand(path, options, io)))
    .addHelpText('after', INPUT_HELP + RELOAD_HELP + exitCodeHelp);
  addPlan(program, io, exit);
  addDlq(program, io, exit);
  program
    .command('bench')
    .description('Publishes the events of an input over and over at a given rate, whatever the runtime answers, and measures.')
    .argument('<config>', 'path of the configuration (JSON)')
    .option('--input <file>', 'newline-delimited JSON, a module (.js, .mjs, .ts, .mts), or - for standard input (the default)')
    .option('--rate <numbers>', 'events per second; several, separated by commas, are steps of equal length (default: 1000)')
    .option('--seconds <number>', 'length of the load (default: 10)')
    .option('--burst <number>', 'events that are due at the same moment (default: 1)')
    .option('--json <file>', 'write what happened as JSON')
    .option('--html <file>', 'write what happened as a page with plots')
    .option('--quiet', 'show no progress')
    .option('--verbose', 'print errors with their stacks')
    .action(async (path: string, options: BenchOptions) => exit(await benchCommand(path, options, io)))
    .addHelpText('after', INPUT_HELP + exitCodeHelp);
  return program;
}

function addPlan(program: Command, io: CommandIo, exit: (code: ExitCodeValue) => void): void {
  program
    .command('plan')
    .description('Reckons what a configuration holds, and how long it takes, under a given load. Starts nothing.')
    .argument('<config>', 'path of the configuration (JSON)')
    .option('--rate <numbers>', 'events per second, or by priority: high=100,low=5000 (default: 0)')
    .option('--bytes <number>', 'bytes of one encoded payload (default: 64)')
    .option('--handler-us <number>', 'time that one event costs its shard, in microseconds (default: 20)')
    .option('--burst <number>', 'events of one priority that come at once, on top of the rate (default: 0)')
    .option('--groups <number>', 'subscribers, each of which takes every event (default: the subscriber modules)')
    .option('--json', 'print the plan as JSON')
    .option('--verbose', 'print errors with their stacks')
    .action(async (path: string, options: PlanOptions) => exit(await planCommand(path, options, io)))
    .addHelpText('after', exitCodeHelp);
}

function packageVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
