/** The commands of `ringmain dlq`, with their options and help. */
import type { Command } from 'commander';
import { ExitCode } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import type { CommandIo } from './command-io.ts';
import { dlqCount, dlqList, dlqPeek, dlqPurge } from './dlq-command.ts';
import type { DlqListOptions, DlqPurgeOptions } from './dlq-command.ts';
import { dlqRedrive } from './dlq-redrive-command.ts';
import type { DlqRedriveOptions } from './dlq-redrive-command.ts';
import type { LetterOptions } from '../dlq/letter-options.ts';

/** Exit codes of `ringmain dlq`, for `--help` and the documentation. */
export const DLQ_EXIT_CODES: readonly (readonly [code: ExitCodeValue, text: string])[] = Object.freeze([
  [ExitCode.ok, 'done; of a redrive: every chosen event was accepted and handled'],
  [
    ExitCode.incomplete,
    'there is no such letter; of a redrive: letters were refused, failed again, left the store before their turn or did not settle; FILE holds them',
  ],
  [
    ExitCode.usage,
    'wrong usage, a file or configuration that cannot be used, or a group that nobody subscribes to; FILE is as it was',
  ],
  [ExitCode.badInput, 'lines of FILE are no letters; the others were counted or listed'],
  [ExitCode.failed, 'the runtime failed; FILE is as it was, and what was redriven may be handled again'],
  [ExitCode.interrupted, 'interrupted by SIGINT; FILE holds what was not redriven'],
  [ExitCode.terminated, 'the same for SIGTERM'],
]);

const HELP = `
FILE is what ringmain run --dead-letters FILE wrote: one dead letter a line, as JSON.

Exit codes:
${DLQ_EXIT_CODES.map(([code, text]) => `  ${String(code).padEnd(5)}${text}`).join('\n')}
`;

/** Adds the commands. */
export function addDlq(program: Command, io: CommandIo, exit: (code: ExitCodeValue) => void): void {
  const dlq = program
    .command('dlq')
    .description('Dead letters: deliveries that ended without success, kept in a file.')
    .addHelpText('after', HELP);
  const add = (name: string, description: string): Command =>
    dlq.command(name).description(description).option('--verbose', 'print errors with their stacks').addHelpText('after', HELP);
  choosing(add('list', 'Prints letters in the order of the file.').argument('<file>', 'file of letters'))
    .option('--limit <number>', 'letters to print (default: 100)')
    .option('--json', 'print the lines of the file')
    .action(async (path: string, options: DlqListOptions) => exit(await dlqList(path, options, io)));
  add('peek', 'Prints one letter, all of it.')
    .argument('<file>', 'file of letters')
    .argument('<id>', 'id of the letter')
    .action(async (path: string, id: string) => exit(await dlqPeek(path, id, io)));
  choosing(add('count', 'Prints how many letters there are.').argument('<file>', 'file of letters')).action(
    async (path: string, options: LetterOptions) => exit(await dlqCount(path, options, io)),
  );
  choosing(add('purge', 'Removes letters for good.').argument('<file>', 'file of letters'))
    .option('--limit <number>', 'letters to remove, the oldest first (default: all that are chosen)')
    .option('--all', 'every letter')
    .action(async (path: string, options: DlqPurgeOptions) => exit(await dlqPurge(path, options, io)));
  choosing(
    add('redrive', 'Publishes the events of letters again, each for its own group, and leaves in the file what is left.')
      .argument('<config>', 'path of the configuration (JSON)')
      .argument('<file>', 'file of letters'),
  )
    .option('--limit <number>', 'letters to redrive, the oldest first (default: all that are chosen)')
    .option('--rate <number>', 'events per second at most (default: as many as there is room for)')
    .option('--dry-run', 'only check and count')
    .action(async (config: string, path: string, options: DlqRedriveOptions) =>
      exit(await dlqRedrive(config, path, options, io)),
    );
}

function choosing(command: Command): Command {
  return command
    .option('--group <name>', 'letters of this group')
    .option('--type <pattern>', 'letters of events of this type or pattern')
    .option('--reason <name>', 'letters of this reason')
    .option('--since <time>', 'letters of deliveries that ended then or later')
    .option('--until <time>', 'letters of deliveries that ended before');
}
