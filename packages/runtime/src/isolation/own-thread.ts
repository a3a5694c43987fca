/**
 * One thread for all calls of an isolated group in one shard: handlers that wait do so side by side, and what the thread keeps, it keeps between events.
 *
 * Thread: the consumer's, which owns the thread.
 * 1. Calls of one turn go over in one message. The thread says in shared memory which call began last, and in which handler it is now: words that hold when it dies.
 * 2. A call that is given up has its signal aborted there. A thread that does not answer is ended: at once if it is in this very handler, after `graceMs`
 *    if it is in none; a handler that is another's has its own time limit.
 * 3. When the thread ends, the handler that it was in is to blame and fails. Calls that had not begun go to the next thread; so do those that waited,
 *    as redelivered ones. If it was in none, all that had begun have failed.
 * Threads that end one after another are replaced ever more slowly.
 * Invariant: a call is in `calls` until it has settled; there are no more than permits.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DAY_MS, RingmainError } from '@ringmain/core';
import type { AtomicsPort } from '@ringmain/ring';
import type { HandlerThreads, HandlerThreadsParts, ThreadCall } from './handler-threads.ts';
import type { FromOwnThread, OwnThreadSeed, ToOwnThread } from './own-thread-messages.ts';
import { OWN_THREAD_WORDS, OwnThreadWord } from './own-thread-messages.ts';
import { packError, unpackError } from './packed-error.ts';
import type { PoolOutcome, PoolTask } from './pool-messages.ts';
import { ThreadPacing } from './thread-pacing.ts';
import { hasBegun, nextTicket } from './ticket.ts';

interface Call {
  task: PoolTask;
  readonly repeat: () => boolean;
  /** Number among what the present thread was given; 0 before. */
  ticket: number;
  readonly resolve: (outcome: PoolOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Number of the task that only has the thread load and set up. */
const FIRST_TASK = 0;
const ENTRY = new URL(`./own-thread-main${extname(import.meta.url)}`, import.meta.url);

/** Starts a thread. */
export type OpenWorker = (
  workerData: OwnThreadSeed,
  memory: HandlerThreadsParts['memory'],
) => Pick<Worker, 'on' | 'postMessage' | 'ref' | 'unref' | 'terminate'>;

const workerOf: OpenWorker = (workerData, memory) =>
  new Worker(ENTRY, { workerData, ...(memory !== undefined && { resourceLimits: { ...memory } }) });

/** The thread of one group in one shard. */
export class OwnThread implements HandlerThreads {
  /** The longest time that an attempt may ask for: what bounds a call that waits is the call before it. */
  readonly beginWithinMs = DAY_MS;

  private readonly parts: HandlerThreadsParts;
  private readonly atomics: AtomicsPort;
  private readonly openWorker: OpenWorker;
  private readonly pacing: ThreadPacing;
  /** In the order in which they came. */
  private readonly calls = new Map<number, Call>();
  /** Calls that were given up and of which the thread has not said that it knows; task by ticket. */
  private readonly unanswered = new Map<number, number>();
  private words = new Int32Array(new SharedArrayBuffer(4 * OWN_THREAD_WORDS));
  private worker: ReturnType<OpenWorker> | undefined;
  private tickets = 0;
  private isSending = false;
  /** True once the present thread has set up. */
  private isUp = false;
  /** Ends the present thread; nothing more is given to it. */
  private ending: Promise<unknown> | undefined;
  private lastError: unknown;
  private startTimer: NodeJS.Timeout | undefined;
  private graceTimer: NodeJS.Timeout | undefined;
  private beginTimer: NodeJS.Timeout | undefined;
  private paceTimer: NodeJS.Timeout | undefined;
  /** Settles when the first thread has set up. */
  private first: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  private isClosed = false;

  constructor(parts: HandlerThreadsParts, atomics: AtomicsPort, openWorker: OpenWorker = workerOf) {
    this.parts = parts;
    this.atomics = atomics;
    this.openWorker = openWorker;
    this.pacing = new ThreadPacing(parts.clock);
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.first = { resolve, reject };
      this.open();
    });
  }

  run({ task, signal, repeat }: ThreadCall): Promise<PoolOutcome> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) throw signal.reason;
      const abort = (): void => this.giveUp(task.id, signal.reason);
      const settle =
        <Value>(done: (value: Value) => void) =>
        (value: Value): void => {
          signal.removeEventListener('abort', abort);
          done(value);
        };
      this.calls.set(task.id, { task, repeat, ticket: 0, resolve: settle(resolve), reject: settle(reject) });
      signal.addEventListener('abort', abort);
      this.keepProcess();
      if (this.worker === undefined) this.openLater();
      else this.sendSoon();
    });
  }

  async destroy(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.paceTimer);
    await this.end();
  }

  /** Starts a thread; what waits is given to it at once, and begins when it has set up. */
  private open(): void {
    const { seed, memory, onHello } = this.parts;
    const { startTimeoutMs, log } = seed.seed.config;
    this.words = new Int32Array(new SharedArrayBuffer(4 * OWN_THREAD_WORDS));
    this.tickets = 0;
    this.lastError = undefined;
    const workerData: OwnThreadSeed = { pool: seed, words: this.words };
    const worker = this.openWorker(workerData, memory);
    this.worker = worker;
    worker.on('message', (message: FromOwnThread) => {
      if (message.kind === 'ringmain.hello') onHello(message);
      else if (message.kind === 'aborted') this.unanswered.delete(message.ticket);
      else for (const { task, outcome } of message.outcomes) this.settle(task, outcome);
    });
    worker.on('error', (error: unknown) => (this.lastError = error));
    worker.on('exit', (code) => this.ended(code));
    this.startTimer = setTimeout(() => {
      this.failStart(new RingmainError('RINGMAIN_START_FAILED', `a thread did not start within ${startTimeoutMs} ms`));
    }, startTimeoutMs).unref();
    this.post({ kind: 'run', tasks: [{ ticket: 0, task: { id: FIRST_TASK, records: [], logLevel: log.level } }] });
    this.keepProcess();
    this.send();
  }

  /** Starts a thread as soon as the pace allows. */
  private openLater(): void {
    if (this.isClosed || this.paceTimer !== undefined) return;
    this.paceTimer = setTimeout(() => {
      this.paceTimer = undefined;
      if (!this.isClosed && this.worker === undefined) this.open();
    }, this.pacing.waitMs()).unref();
  }

  /** Gathers what one turn has to give. */
  private sendSoon(): void {
    if (this.isSending) return;
    this.isSending = true;
    queueMicrotask(() => {
      this.isSending = false;
      this.send();
    });
  }

  private send(): void {
    if (this.worker === undefined || this.ending !== undefined) return;
    const fresh = [...this.calls.values()].filter(({ ticket }) => ticket === 0);
    if (fresh.length === 0) return;
    for (const call of fresh) call.ticket = this.tickets = nextTicket(this.tickets);
    this.post({ kind: 'run', tasks: fresh.map(({ ticket, task }) => ({ ticket, task })) });
    this.watchBeginnings();
  }

  private settle(task: number, outcome: PoolOutcome): void {
    if (task === FIRST_TASK) return this.started(outcome);
    this.pacing.went();
    this.take(task)?.resolve(outcome);
  }

  private started(outcome: PoolOutcome): void {
    clearTimeout(this.startTimer);
    if (outcome !== undefined) return this.failStart(unpackError(outcome));
    this.isUp = true;
    this.first?.resolve();
    this.first = undefined;
  }

  /** The thread did not come up: whatever waits for it has failed. */
  private failStart(error: unknown): void {
    // A start that fails is given up.
    if (this.first !== undefined) this.isClosed = true;
    this.first?.reject(error);
    this.first = undefined;
    // As an answer of the thread, which it would have been.
    const outcome = packError(error);
    for (const id of this.calls.keys()) this.take(id)?.resolve(outcome);
    void this.end();
  }

  /** The attempt is over: the thread shall stop it, or end. */
  private giveUp(task: number, reason: unknown): void {
    const call = this.take(task);
    if (call === undefined) return;
    call.reject(reason);
    const { ticket } = call;
    if (ticket === 0 || this.worker === undefined || this.ending !== undefined) return;
    this.unanswered.set(ticket, task);
    this.post({ kind: 'abort', ticket, reason: packError(reason) });
    if (this.read(OwnThreadWord.within) === ticket) void this.end();
    else this.watch();
  }

  /** Ends a thread that answers no more, and is in no handler that still has time. */
  private watch(): void {
    if (this.graceTimer !== undefined) return;
    const asked = [...this.unanswered.keys()];
    this.graceTimer = setTimeout(() => {
      this.graceTimer = undefined;
      if (this.unanswered.size === 0 || this.worker === undefined) return;
      const within = this.read(OwnThreadWord.within);
      const isInTime = within !== 0 && [...this.calls.values()].some(({ ticket }) => ticket === within);
      if (!isInTime && asked.some((ticket) => this.unanswered.has(ticket))) void this.end();
      else this.watch();
    }, this.parts.seed.seed.config.isolation.graceMs).unref();
  }

  /**
   * Ends a thread that begins nothing although nothing that it began is under way: what a handler left behind, after an `await` or in a timer, does not let go of
   * it. Calls that have begun have time limits of their own.
   */
  private watchBeginnings(): void {
    if (this.beginTimer !== undefined) return;
    const { isolation, handlers } = this.parts.seed.seed.config;
    const before = this.isUp ? this.read(OwnThreadWord.begun) : undefined;
    this.beginTimer = setTimeout(
      () => {
        this.beginTimer = undefined;
        if (this.worker === undefined || this.ending !== undefined) return;
        const begun = this.read(OwnThreadWord.begun);
        const calls = [...this.calls.values()];
        if (!calls.some(({ ticket }) => ticket !== 0 && !hasBegun(ticket, begun))) return;
        const isStuck =
          before === begun && this.read(OwnThreadWord.within) === 0 && !calls.some(({ ticket }) => hasBegun(ticket, begun));
        if (isStuck) void this.end();
        else this.watchBeginnings();
      },
      Math.max(isolation.graceMs, handlers.timeoutMs),
    ).unref();
  }

  private end(): Promise<unknown> {
    clearTimeout(this.startTimer);
    if (this.worker !== undefined) this.ending ??= this.worker.terminate();
    return this.ending ?? Promise.resolve();
  }

  private ended(code: number): void {
    clearTimeout(this.startTimer);
    clearTimeout(this.graceTimer);
    clearTimeout(this.beginTimer);
    this.graceTimer = this.beginTimer = undefined;
    const cameUp = this.isUp || this.ending !== undefined;
    this.isUp = false;
    this.worker = undefined;
    this.ending = undefined;
    this.unanswered.clear();
    const error = this.lastError ?? new Error(`exit code ${code}`);
    if (this.isClosed) {
      this.first?.reject(error);
      for (const id of this.calls.keys()) this.take(id)?.reject(error);
      return;
    }
    this.pacing.lost();
    if (this.first !== undefined) return this.failStart(error);
    if (!cameUp) {
      this.parts.onLost(error);
      return this.failStart(error);
    }
    this.parts.onLost(this.charge(error) ? undefined : error);
    this.openLater();
  }

  /** Says whose fault it was; the other calls go to the next thread. @returns false when no handler was under way */
  private charge(error: unknown): boolean {
    const begun = this.read(OwnThreadWord.begun);
    const within = this.read(OwnThreadWord.within);
    let isCharged = within !== 0;
    for (const [id, call] of this.calls) {
      const hadBegun = hasBegun(call.ticket, begun);
      const isInnocent = within !== 0 && call.ticket !== within;
      if (hadBegun && !(isInnocent && call.repeat())) {
        isCharged = true;
        this.take(id)?.reject(error);
        continue;
      }
      if (hadBegun) {
        const records = call.task.records.map((record) => ({ ...record, attempt: record.attempt + 1 }));
        call.task = { ...call.task, records };
      }
      call.ticket = 0;
    }
    return isCharged;
  }

  private take(task: number): Call | undefined {
    const call = this.calls.get(task);
    this.calls.delete(task);
    if (this.calls.size === 0) this.keepProcess();
    return call;
  }

  /** Calls under way are a reason to keep the process; a thread that waits is none. */
  private keepProcess(): void {
    if (this.calls.size === 0) this.worker?.unref();
    else this.worker?.ref();
  }

  private post(message: ToOwnThread): void {
    this.worker?.postMessage(message);
  }

  /** Pairs with the stores in `OwnThreadRoom`. */
  private read(word: number): number {
    return this.atomics.load(this.words, word);
  }
}
