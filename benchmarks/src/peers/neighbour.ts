/**
 * A foreign process that keeps one core busy, as another container on the same host would. It is stopped and continued by
 * signals, so that slices with and without it alternate.
 * Thread: main thread of the measuring process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export class Neighbour {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    this.pause();
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
