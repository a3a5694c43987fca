/**
 * Carries out, in the shard, what isolated handlers call on their contexts.
 * Thread: the consumer's; the other end is `ShardLine`.
 * Invariant: a task is known from `add` to `delete`; a call of any other is refused as one after the end of its delivery.
 */
import { once } from 'node:events';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RingmainError } from '@ringmain/core';
import type { AtomicsPort } from '@ringmain/ring';
import type { BatchEntry, PublishOptions, SendOptions } from '../publish/options.ts';
import type { BatchHandlerContext, HandlerContext } from '../handler-context.ts';
import { packError, unpackError } from './packed-error.ts';
import type { PackedError } from './packed-error.ts';
import type { FromPool, PoolHello, RemoteCall, ToPool } from './pool-messages.ts';

/** What the calls of one task are carried out on. */
export interface PoolDesk {
  /** The handler begins. */
  readonly begin: () => void;
  /** Context of an event of a batch, or of all that the task is about. */
  readonly context: (member: number | undefined) => HandlerContext | Pick<BatchHandlerContext, PublishName>;
  /** Fails one event of a batch. */
  readonly fail: (member: number, error: unknown) => void;
}

type PublishName = 'publish' | 'publishBatch' | 'send' | 'extend';

/** One thread of the pool. */
interface Line {
  readonly port: MessagePort;
  readonly bell: Int32Array;
  /** Waits of `send`s, by call. Bounded by what handlers wait for. */
  readonly waits: Map<number, AbortController>;
  onEnded: ((error: PackedError | undefined) => void) | undefined;
}

/** The calls of one pool's threads. */
export class PoolCalls {
  /** Called when there is one thread more or less. */
  onCount: ((difference: 1 | -1) => void) | undefined;

  private readonly atomics: AtomicsPort;
  private readonly lines = new Set<Line>();
  private readonly desks = new Map<number, PoolDesk>();

  constructor(atomics: AtomicsPort) {
    this.atomics = atomics;
  }

  /** Takes over the port of a new thread. */
  connect({ port, bell }: PoolHello): void {
    const line: Line = { port, bell, waits: new Map(), onEnded: undefined };
    this.lines.add(line);
    this.onCount?.(1);
    port.on('message', (message: FromPool) => this.take(line, message));
    port.on('close', () => {
      this.lines.delete(line);
      for (const wait of line.waits.values()) wait.abort();
      this.onCount?.(-1);
    });
    port.unref();
  }

  /** Makes a task known. */
  add(task: number, desk: PoolDesk): void {
    this.desks.set(task, desk);
  }

  /** Forgets a task: its handler has ended, or was given up. What it called before it ended is carried out: that came over another port than its end. */
  delete(task: number): void {
    for (const line of this.lines)
      for (let entry = receiveMessageOnPort(line.port); entry !== undefined; entry = receiveMessageOnPort(line.port))
        this.take(line, entry.message as FromPool);
    this.desks.delete(task);
  }

  /** Has every thread run `teardown`; resolves once all have, or have ended. */
  async endAll(failed: (error: unknown) => void): Promise<void> {
    await Promise.all(
      [...this.lines].map(async (line) => {
        const ended = new Promise<void>((resolve) => {
          line.onEnded = (error) => {
            if (error !== undefined) failed(unpackError(error));
            resolve();
          };
        });
        const closed = once(line.port, 'close');
        line.port.ref();
        tell(line, { kind: 'end' });
        await Promise.race([ended, closed]);
        line.port.unref();
      }),
    );
  }

  private take(line: Line, message: FromPool): void {
    if (message.kind === 'call') this.carryOut(line, message);
    else if (message.kind === 'begin') this.desks.get(message.task)?.begin();
    else if (message.kind === 'abort') line.waits.get(message.call)?.abort();
    else line.onEnded?.(message.error);
  }

  private carryOut(line: Line, remote: RemoteCall): void {
    const { call } = remote;
    const fail = (error: unknown): void => this.answer(line, { kind: 'error', call, error: packError(error) });
    try {
      const desk = this.desks.get(remote.task);
      if (desk === undefined) throw settled();
      if (remote.method === 'send') {
        const wait = new AbortController();
        line.waits.set(call, wait);
        void sendFor(desk, remote, wait.signal)
          .then((value) => this.answer(line, { kind: 'value', call, value }), fail)
          .finally(() => line.waits.delete(call));
      } else this.answer(line, { kind: 'value', call, value: valueOf(desk, remote) });
    } catch (error) {
      fail(error);
    }
  }

  private answer(line: Line, message: ToPool): void {
    tell(line, message);
    // Pairs with the load in `ShardLine.call`, after the answer can be received.
    this.atomics.store(line.bell, 0, (this.atomics.load(line.bell, 0) + 1) | 0);
    this.atomics.notify(line.bell, 0);
  }
}

function tell({ port }: Line, message: ToPool): void {
  port.postMessage(message);
}

function sendFor(desk: PoolDesk, { member, parameters }: RemoteCall, signal: AbortSignal): Promise<unknown> {
  const [type, data, options] = parameters as [string, unknown, SendOptions | undefined];
  return desk.context(member).send(type, data, { ...options, signal });
}

function valueOf(desk: PoolDesk, { member, method, parameters }: RemoteCall): unknown {
  const [first, second, third] = parameters;
  const error = 'error' in Object(first) ? unpackError((first as { readonly error: PackedError }).error) : undefined;
  if (method === 'fail') return desk.fail(member as number, error);
  const context = desk.context(member);
  if (method === 'publish') return context.publish(first as string, second, third as PublishOptions | undefined);
  if (method === 'publishBatch') return context.publishBatch(first as readonly BatchEntry[]);
  if (method === 'extend') return context.extend(first as number);
  const own = context as HandlerContext;
  if (method === 'ack') return own.ack();
  if (method === 'deadLetter') return own.deadLetter(first as string);
  const options = first as Readonly<Record<string, unknown>>;
  return own.nack(error === undefined ? options : { ...options, error });
}

function settled(): RingmainError {
  return new RingmainError('RINGMAIN_EVENT_RELEASED', 'the context was used after the delivery had settled', {
    allowed: 'calls before the handler ends',
  });
}
