/**
 * Passes on what a shard prints, at most so many bytes per second, straight to the descriptor: a handler that prints in a loop fills
 * nobody's memory, and a blocked main thread holds nothing up.
 * Thread: the coordinator.
 *
 * One write at a time: writes to one descriptor that are under way together may land in any order.
 * Invariant: what waits and what is being written are at most `bytesPerSecondMax` bytes; each chunk is written, or counted as dropped.
 */
import type { Readable } from 'node:stream';

/** Writes some bytes, and says how many of them were taken. */
export type WriteBytes = (bytes: Buffer, done: (error: Error | null, written: number) => void) => void;

/** The relay of one stream. */
export class OutputRelay {
  /** Bytes dropped so far. */
  droppedBytes = 0;

  private readonly write: WriteBytes;
  private readonly bytesPerSecondMax: () => number;
  private readonly onDropped: (bytes: number) => void;
  private readonly waiting: Buffer[] = [];
  private readonly idle: (() => void)[] = [];
  /** Bytes that wait or are being written. */
  private pending = 0;
  /** Bytes taken in this second. */
  private passed = 0;
  private readonly refill: NodeJS.Timeout;
  private told = 0;
  private isWriting = false;

  /**
   * Begins to relay.
   *
   * @param bytesPerSecondMax - says how many bytes per second are passed on, as of now
   * @param onDropped - told at most once a second how many bytes were dropped since
   */
  constructor(stream: Readable, write: WriteBytes, bytesPerSecondMax: () => number, onDropped: (bytes: number) => void) {
    this.write = write;
    this.bytesPerSecondMax = bytesPerSecondMax;
    this.onDropped = onDropped;
    this.refill = setInterval(() => {
      this.passed = 0;
      this.tell();
    }, 1000).unref();
    stream.on('data', (chunk: Buffer) => this.take(chunk));
  }

  /** The thread has ended, and with it what it prints. Nobody else says so: the streams of a worker that was terminated never close. */
  stop(): void {
    clearInterval(this.refill);
    this.tell();
  }

  /** Resolves when everything that was taken has been written or dropped. */
  flushed(): Promise<void> {
    return this.isWriting ? new Promise((resolve) => this.idle.push(resolve)) : Promise.resolve();
  }

  private take(chunk: Buffer): void {
    const max = this.bytesPerSecondMax();
    if (this.passed + chunk.length > max || this.pending + chunk.length > max) {
      this.droppedBytes += chunk.length;
      return;
    }
    this.passed += chunk.length;
    this.pending += chunk.length;
    this.waiting.push(chunk);
    if (!this.isWriting) this.writeNext();
  }

  private writeNext(): void {
    const chunk = this.waiting.shift();
    this.isWriting = chunk !== undefined;
    if (chunk === undefined) {
      for (const resolve of this.idle.splice(0)) resolve();
      return;
    }
    this.write(chunk, (error, written) => {
      this.pending -= chunk.length;
      // A pipe whose reader is slow takes a part, or nothing.
      this.droppedBytes += chunk.length - (error === null ? written : 0);
      this.writeNext();
    });
  }

  private tell(): void {
    if (this.droppedBytes === this.told) return;
    this.onDropped(this.droppedBytes - this.told);
    this.told = this.droppedBytes;
  }
}
