/**
 * The log of one thread: pino straight to standard error, asynchronous and bounded, so that no log call ever blocks a thread and no
 * thread relays another's lines.
 * Thread: any; each has its own destination over the same descriptor.
 */
import type { Logger } from 'pino';
import { destination, pino } from 'pino';

const STDERR = 2;
/** Bytes that wait for a slow descriptor; lines beyond are dropped, never buffered without end. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** Creates the log of a thread. */
export function createThreadLog(level: string, thread: string): Logger {
  const target = destination({ fd: STDERR, sync: false, maxLength: WAITING_BYTES_MAX });
  // A broken pipe must not end the thread.
  target.on('error', () => {});
  return pino({ level, base: { pid: process.pid, thread }, name: 'ringmain' }, target);
}
