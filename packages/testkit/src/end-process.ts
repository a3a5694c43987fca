/**
 * The last resort against code under test that cannot be left: no exception gets out of `for (;;) try { … } catch {}`.
 * Thread: any; it ends the whole process, also from a worker.
 */
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const STACK_DEPTH = 30;
const STANDARD_ERROR = 2;

/** Writes a message and the stack, which shows the loop, to standard error, and ends the process by a signal. */
export function endProcess(message: string): never {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = STACK_DEPTH;
  const stack = new Error('stack').stack?.split('\n').slice(1).join('\n') ?? '';
  Error.stackTraceLimit = limit;
  writeSync(STANDARD_ERROR, `\n${message}\nThe explorer cannot get out of this loop and ends the process:\n${stack}\n`);
  // Neither is an exception, so that nothing can catch it; `process.exit` is replaced by one under some test runners.
  if (isMainThread) process.abort();
  process.kill(process.pid, 'SIGKILL');
  throw new Error(message);
}
