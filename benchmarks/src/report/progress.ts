/**
 * Live progress on standard error: one line that rewrites itself on a terminal, an occasional line elsewhere.
 * Thread: main thread of the measuring process.
 */

const PLAIN_EVERY_MS = 5_000;

export class Progress {
  #lastPlain = Number.NEGATIVE_INFINITY;

  /** Shows where the run is. */
  update(text: string): void {
    if (process.stderr.isTTY) {
      const width = (process.stderr.columns ?? 80) - 1;
      process.stderr.write(`\r\u001b[2K${text.slice(0, width)}`);
      return;
    }
    const now = performance.now();
    if (now - this.#lastPlain < PLAIN_EVERY_MS) return;
    this.#lastPlain = now;
    process.stderr.write(`${text}\n`);
  }

  /** Removes the line before other output. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
    this.#lastPlain = Number.NEGATIVE_INFINITY;
  }
}
