/**
 * Live progress on standard error: a bar on a terminal, else a line per second.
 * Thread: main.
 */
import { stderr } from 'node:process';

const BAR_CHARS = 32;

/**
 * Shows progress until it is stopped.
 *
 * @param done - asked for the number of files done so far
 */
export function showProgress(title: string, total: number, done: () => number): { stop(): void } {
  const startMs = performance.now();
  const show = (): void => {
    const count = done();
    const share = total === 0 ? 1 : count / total;
    const rate = Math.round(count / Math.max(0.001, (performance.now() - startMs) / 1000));
    const text = `${title}: ${Math.floor(share * 100)} %, ${count} of ${total} files, ${rate} files/s`;
    const bar = '#'.repeat(Math.round(share * BAR_CHARS)).padEnd(BAR_CHARS, '.');
    // "\r" and "erase line": the bar draws over itself.
    stderr.write(stderr.isTTY ? `\r\u001B[K[${bar}] ${text}` : `${text}\n`);
  };
  const timer = setInterval(show, stderr.isTTY ? 100 : 1000);
  return {
    stop: () => {
      clearInterval(timer);
      show();
      if (stderr.isTTY) stderr.write('\n');
    },
  };
}
