/**
 * Entry of the benchmarks: `peers` compares ringmain with its alternatives, `micro` measures its parts, `recovery` its deaths,
 * `breaker` its circuit breakers, `failures` its retries and dead letters, `stress` what it does under loads that do not wait; `soak` asserts all that must hold under overload, and `chaos` all that
 * must hold when threads die.
 * Thread: main. Exit codes: 0 done, 1 a contender failed or events went missing, 2 the command line is wrong.
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
  } else if (command.suite === 'breaker') {
    const { runBreaker } = await import('./breaker/breaker-command.ts');
    process.exitCode = (await runBreaker(command.options)) ? 0 : 1;
  } else if (command.suite === 'failures') {
    const { runFailures } = await import('./failures/failures-command.ts');
    process.exitCode = (await runFailures(command.options)) ? 0 : 1;
  } else if (command.suite === 'stress') {
    const { runStress } = await import('./stress/stress-command.ts');
    process.exitCode = (await runStress(command.options)) ? 0 : 1;
  } else if (command.suite === 'soak') {
    const { runSoak } = await import('./soak/soak-command.ts');
    process.exitCode = (await runSoak(command.options)) ? 0 : 1;
  } else if (command.suite === 'chaos') {
    const { runChaos } = await import('./chaos/chaos-command.ts');
    process.exitCode = (await runChaos(command.options)) ? 0 : 1;
  } else {
    const { runMicro } = await import('./micro/micro-command.ts');
    await runMicro(command);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
