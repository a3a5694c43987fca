/**
 * Entry of the benchmarks: `peers` compares ringmain with its alternatives, `micro` measures its parts, `recovery` its deaths.
 * Thread: main. Exit codes: 0 done, 1 a contender failed, 2 the command line is wrong.
 */
import { parseCommand, UsageError, usage } from './command-line.ts';

try {
  const command = parseCommand(process.argv.slice(2));
  if (command.suite === 'peers') {
    const { runPeers } = await import('./peers/peers-command.ts');
    process.exitCode = (await runPeers(command.options)) ? 0 : 1;
  } else if (command.suite === 'recovery') {
    const { runRecovery } = await import('./recovery/recovery-command.ts');
    await runRecovery(command);
  } else {
    const { runMicro } = await import('./micro/micro-command.ts');
    await runMicro(command);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
