/**
 * One shard worker as its owner sees it: start, calls, exit.
 * Thread: the coordinator.
 */
import { write } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { RingmainError, errorText } from '@ringmain/core';
import type { Logger } from 'pino';
import type { ShardContract } from '../control/contracts.ts';
import type { Remote } from '../control/peer.ts';
import { Peer } from '../control/peer.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import { OutputRelay } from './output-relay.ts';

/** Longest wait for a reader to take what an ended thread had printed. */
const FLUSH_MS = 1000;
const ENTRY = new URL(`../shard/shard-main${extname(import.meta.url)}`, import.meta.url);

/** A shard worker. */
export class ShardThread {
  /** Resolves with the reason once the thread has ended; never rejects. */
  readonly ended: Promise<string>;

  private readonly worker: Worker;
  private readonly peer: Peer<ShardContract>;
  private readonly relays: readonly OutputRelay[];
  private lastError: string | undefined;

  constructor(seed: RuntimeSeed, name: string, log: Logger) {
    const { resourceLimits } = seed.config;
    this.worker = new Worker(ENTRY, {
      name,
      workerData: { seed },
      stdout: true,
      stderr: true,
      // Not inherited from the coordinator, so they are said for every shard.
      ...(resourceLimits === undefined ? {} : { resourceLimits: { ...resourceLimits } }),
    });
    const dropped = (stream: string) => (droppedBytes: number) =>
      log.warn(
        { thread: name, stream, droppedBytes },
        'a shard printed more than output.bytesPerSecondMax, or than its reader took; the rest was dropped',
      );
    const { stdout, stderr } = this.worker;
    const bytesMax = (): number => seed.config.output.bytesPerSecondMax;
    this.relays = [
      new OutputRelay(stdout, (bytes, done) => write(1, bytes, done), bytesMax, dropped('stdout')),
      new OutputRelay(stderr, (bytes, done) => write(2, bytes, done), bytesMax, dropped('stderr')),
    ];
    this.peer = new Peer<ShardContract>(this.worker, name);
    this.worker.on('error', (error: unknown) => {
      this.lastError = errorText(error);
    });
    this.ended = new Promise((resolve) => {
      this.worker.on('exit', (code) => {
        const reason = this.lastError ?? `exit code ${code}`;
        this.peer.exited(reason);
        for (const relay of this.relays) relay.stop();
        resolve(reason);
      });
    });
  }

  /** The shard's control methods. */
  get api(): Remote<ShardContract> {
    return this.peer.api;
  }

  /** Ends the thread, whatever it does; resolves after its exit. */
  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  /** Resolves when what the thread printed has been passed on, or its reader is too slow. */
  async flushed(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS);
    });
    await Promise.race([Promise.all(this.relays.map((relay) => relay.flushed())), late]);
    clearTimeout(timer);
  }
}

/**
 * Waits for the answer of a thread that starts.
 *
 * @throws (rejects) {@link RingmainError} `RINGMAIN_START_FAILED` when it takes too long; the thread is ended then
 */
export async function inTime<T>(seed: RuntimeSeed, promise: Promise<T>, thread: ShardThread): Promise<T> {
  const { startTimeoutMs } = seed.config;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const what = `a shard did not start within ${startTimeoutMs} ms`;
      reject(new RingmainError('RINGMAIN_START_FAILED', what, { details: { startTimeoutMs } }));
      void thread.terminate();
    }, startTimeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
