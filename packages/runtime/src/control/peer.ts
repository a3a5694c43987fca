/**
 * Control-plane calls between threads: comlink over message ports, with typed errors and an end for every call.
 * Thread: any. Data never travels here.
 *
 * comlink copies only an error's message, and leaves calls pending for ever when the other thread exits. So methods answer with a
 * `Reply` that carries the code, and {@link Peer} rejects what is pending once it is told of the exit.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { RingmainErrorCode } from '@ringmain/core';
import { RingmainError, describeError, isRingmainError } from '@ringmain/core';
import { expose, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { SeverableEndpoint } from './severable-endpoint.ts';
import { severableEndpoint } from './severable-endpoint.ts';

type Reply =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly code: RingmainErrorCode | undefined;
      readonly message: string;
      readonly stack: string | undefined;
      readonly details: object;
    };

type Invoke = (method: string, args: readonly unknown[]) => Promise<Reply>;

/** The other side's interface, as promises. */
export type Remote<Api> = {
  readonly [Name in keyof Api]: Api[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

/** Serves an interface to whoever is at the other end of a port. */
export function serve(port: MessagePort | Worker, api: object): void {
  const invoke: Invoke = async (method, args) => {
    try {
      const target = Object.hasOwn(api, method) ? (api as Record<string, unknown>)[method] : undefined;
      if (typeof target !== 'function') throw new Error(`no control method ${method}`);
      return { ok: true, value: await Reflect.apply(target, api, args) };
    } catch (error) {
      return failure(error);
    }
  };
  expose({ invoke }, nodeEndpoint(port));
}

/** Another thread, as its caller sees it. */
export class Peer<Api> {
  /** The other side's methods. */
  readonly api: Remote<Api>;

  private readonly name: string;
  private readonly link: SeverableEndpoint;
  private readonly pending = new Set<(error: Error) => void>();
  private gone: Error | undefined;

  constructor(port: MessagePort | Worker, name: string) {
    this.link = severableEndpoint(port);
    const remote = wrap<{ invoke: Invoke }>(this.link.endpoint);
    this.name = name;
    this.api = new Proxy({} as Remote<Api>, {
      get: (_, method) =>
        typeof method === 'string' && method !== 'then'
          ? (...args: unknown[]) => this.call(remote.invoke, method, args)
          : undefined,
    });
  }

  /** Rejects what is pending and everything called later; to be called when the thread has exited. */
  exited(reason: string): void {
    this.gone = new RingmainError('RINGMAIN_PEER_EXITED', `${this.name} ended: ${reason}`, {
      details: { peer: this.name, reason },
    });
    for (const reject of this.pending) reject(this.gone);
    this.pending.clear();
    this.link.sever();
  }

  private async call(
    invoke: (method: string, args: unknown[]) => Promise<Reply>,
    method: string,
    args: unknown[],
  ): Promise<unknown> {
    if (this.gone !== undefined) throw this.gone;
    let abandon: (error: Error) => void = () => {};
    const exit = new Promise<never>((_, reject) => {
      abandon = reject;
    });
    this.pending.add(abandon);
    try {
      const reply = await Promise.race([invoke(method, args), exit]);
      if (reply.ok) return reply.value;
      throw revive(reply);
    } finally {
      this.pending.delete(abandon);
    }
  }
}

function failure(error: unknown): Reply {
  if (isRingmainError(error)) {
    return { ok: false, code: error.code, message: error.message, stack: error.stack, details: cloneable(error.details) };
  }
  const { message, stack } = describeError(error);
  return { ok: false, code: undefined, message, stack, details: {} };
}

/** Details cross threads only as far as they can be cloned. */
function cloneable(details: object): object {
  try {
    return structuredClone(details);
  } catch {
    return {};
  }
}

function revive(reply: Extract<Reply, { ok: false }>): Error {
  if (reply.code === undefined) return Object.assign(new Error(reply.message), { stack: reply.stack });
  // The message already begins with the code.
  const error = new RingmainError(reply.code, reply.message.slice(reply.code.length + 2), { details: { ...reply.details } });
  if (reply.stack !== undefined) error.stack = reply.stack;
  return error;
}
