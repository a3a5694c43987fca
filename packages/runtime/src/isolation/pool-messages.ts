/**
 * What a shard and the threads of an isolated group tell each other: plain data, cloned by the platform.
 * Thread: any. Tasks and their outcomes go through the pool; calls of a handler's context go over a port of its thread's own.
 */
import type { MessagePort } from 'node:worker_threads';
import type { CopiedRecord } from '../deliver/delivered-event.ts';
import type { RuntimeSeed } from '../thread-context.ts';
import type { PackedError } from './packed-error.ts';

/** What each thread of a pool is started with. */
export interface PoolSeed {
  readonly seed: RuntimeSeed;
  readonly shard: number;
  /** Number of the subscriber among all of the runtime. */
  readonly subscriber: number;
  /** Hash of the subscribers as the shard loaded them. */
  readonly hash: number;
}

/** One call of a handler; without records, only what has to be there before the first. */
export interface PoolTask {
  readonly id: number;
  readonly records: readonly CopiedRecord[];
  readonly logLevel: string;
}

/** How it ended: undefined when all went well. */
export type PoolOutcome = PackedError | undefined;

/** Methods of a context that the shard carries out. */
export type RemoteMethod = 'publish' | 'publishBatch' | 'send' | 'ack' | 'nack' | 'deadLetter' | 'extend' | 'fail';

/** A call of a context. */
export interface RemoteCall {
  readonly kind: 'call';
  /** Number of the call, among those of its thread. */
  readonly call: number;
  readonly task: number;
  /** Event of a batch whose context it is; undefined for the batch's own, and for single events. */
  readonly member: number | undefined;
  readonly method: RemoteMethod;
  readonly parameters: readonly unknown[];
}

/** What a thread says over its port. */
export type FromPool =
  | RemoteCall
  /** The handler of a task begins. */
  | { readonly kind: 'begin'; readonly task: number }
  /** The caller of a `send` aborts its wait. */
  | { readonly kind: 'abort'; readonly call: number }
  /** `teardown` has run. */
  | { readonly kind: 'ended'; readonly error: PackedError | undefined };

/** What a thread is told over its port. */
export type ToPool =
  | { readonly kind: 'value'; readonly call: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly call: number; readonly error: PackedError }
  /** Run `teardown`: nothing more will come. */
  | { readonly kind: 'end' };

/** First word of a thread, with the port for all others. */
export interface PoolHello {
  readonly kind: 'ringmain.hello';
  readonly port: MessagePort;
  /** One word of shared memory; it changes with every answer, so that a thread can wait for one without its event loop. */
  readonly bell: Int32Array;
}
