/**
 * The line from an isolated handler to its shard: calls that block until the shard has answered, and calls that a promise waits for.
 * Thread: one of an isolated group's; the other end is `PoolCalls`.
 *
 * A call that must answer at once, such as `publish`, is posted, and the thread waits for the bell, which changes with every answer. The shard never
 * waits for this thread, so that the two cannot wait for each other; and a thread that waits here can still be ended.
 */
import { MessageChannel, parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RingmainError } from '@ringmain/core';
import type { AtomicsPort } from '@ringmain/ring';
import { abortedError } from '../publish/aborted-error.ts';
import { packError, unpackError } from './packed-error.ts';
import type { PackedError } from './packed-error.ts';
import type { FromPool, PoolHello, RemoteCall, ToPool } from './pool-messages.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the caller's signal. */
  readonly settled: () => void;
}

/** A call before it has a number. */
export type CallParts = Omit<RemoteCall, 'kind' | 'call'>;

/** The line of one thread. */
export class ShardLine {
  private readonly atomics: AtomicsPort;
  private readonly port: MessagePort;
  private readonly bell = new Int32Array(new SharedArrayBuffer(4));
  /** Bounded by what handlers wait for. */
  private readonly waiting = new Map<number, Waiting>();
  private calls = 0;

  /** @param onEnd - runs when nothing more will come */
  constructor(atomics: AtomicsPort, onEnd: () => Promise<void>) {
    const { port1, port2 } = new MessageChannel();
    this.atomics = atomics;
    this.port = port1;
    this.port.on('message', (message: ToPool) => {
      if (message.kind === 'end') void this.end(onEnd);
      else this.settle(message);
    });
    // The pool keeps the thread; the line is no reason to.
    this.port.unref();
    const hello: PoolHello = { kind: 'ringmain.hello', port: port2, bell: this.bell };
    parentPort?.postMessage(hello, [port2]);
  }

  /** Says that the handler of a task begins. */
  begin(task: number): void {
    this.post({ kind: 'begin', task });
  }

  /**
   * Calls the shard and waits for its answer, with the whole thread.
   *
   * @throws what the call threw there
   */
  call(parts: CallParts): unknown {
    const call = this.send(parts);
    for (;;) {
      const before = this.atomics.load(this.bell, 0);
      for (let entry = receiveMessageOnPort(this.port); entry !== undefined; entry = receiveMessageOnPort(this.port)) {
        const message = entry.message as Exclude<ToPool, { readonly kind: 'end' }>;
        if (message.call !== call) this.settle(message);
        else if (message.kind === 'value') return message.value;
        else throw unpackError(message.error);
      }
      // Pairs with the add in `PoolCalls`: an answer posted after the load above has changed the word.
      this.atomics.wait(this.bell, 0, before);
    }
  }

  /** Calls the shard; the promise settles as the call does there, or when the signal aborts. */
  request(parts: CallParts, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) throw abortedError(signal);
      const call = this.send(parts);
      const abort = (): void => {
        this.post({ kind: 'abort', call });
        this.take(call)?.reject(abortedError(signal as AbortSignal));
      };
      this.waiting.set(call, { resolve, reject, settled: () => signal?.removeEventListener('abort', abort) });
      this.port.ref();
      signal?.addEventListener('abort', abort);
    });
  }

  private send(parts: CallParts): number {
    const call = ++this.calls;
    this.post({ kind: 'call', call, ...parts });
    return call;
  }

  private settle(message: Exclude<ToPool, { readonly kind: 'end' }>): void {
    const waiting = this.take(message.call);
    if (message.kind === 'value') waiting?.resolve(message.value);
    else waiting?.reject(unpackError(message.error));
  }

  private take(call: number): Waiting | undefined {
    const waiting = this.waiting.get(call);
    this.waiting.delete(call);
    if (this.waiting.size === 0) this.port.unref();
    waiting?.settled();
    return waiting;
  }

  private async end(onEnd: () => Promise<void>): Promise<void> {
    let error: PackedError | undefined;
    try {
      await onEnd();
    } catch (cause) {
      error = packError(cause);
    }
    this.post({ kind: 'ended', error });
  }

  private post(message: FromPool): void {
    try {
      this.port.postMessage(message);
    } catch (cause) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', 'what was given cannot go to another thread', {
        allowed: 'plain data',
        cause,
      });
    }
  }
}
