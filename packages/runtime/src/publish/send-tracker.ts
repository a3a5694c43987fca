/**
 * Sends that wait: for room in a lane, or for the answers of every thread that handles the event.
 * Thread: the publisher's. `acknowledge` is called for every answer that arrives, `pump` whenever a lane may have room.
 *
 * Each target thread answers once per group (or once, if no group matches there) with how many answers it will give in all. An
 * answer is sent before its delivery counts as settled, so a thread that dies in between leaves a delivery that runs again and
 * answers again: answers may repeat, and are never lost.
 * Invariant: every promise settles: by answer, deadline, abort or close. At most `LIMITS.sendsPendingMax` wait at a time.
 */
import type { Rejected, SendOutcome } from '@ringmain/core';
import { LIMITS, RingmainError } from '@ringmain/core';
import { abortedError } from './aborted-error.ts';
import { checkSendOptions } from './check-options.ts';
import type { SendOptions } from './options.ts';
import type { Publisher } from './publisher.ts';
import type { RoomWatch } from './room-watch.ts';
import type { Wake } from './wake.ts';
import { createWake } from './wake.ts';

/** One answer: a group of `thread` has settled its delivery. */
export interface Acknowledgement {
  /** Sequence of the event. */
  readonly sequence: number;
  /** Thread that answers. */
  readonly thread: number;
  /** Ordinal of the group in that thread's match list; 0 of 0 when nothing matched. */
  readonly step: number;
  readonly of: number;
  readonly failed: boolean;
}

/** Who sends: the user of the runtime, or one of its handlers, whose sends belong to what is being drained. */
export type SendOrigin = 'user' | 'handler';

interface Waiting {
  readonly origin: SendOrigin;
  readonly type: string;
  readonly data: unknown;
  readonly options: SendOptions;
  readonly timeoutMs: number;
  /** Of the handler that sends, while this waits for room. */
  givenUp: AbortSignal | undefined;
  resolve: (outcome: SendOutcome) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
  onAbort: (() => void) | undefined;
  outcome: SendOutcome | undefined;
  sequence: number;
  /** Priority of the lane at the last try. */
  priority: string;
  /** Steps that were answered, by thread. */
  readonly answers: Map<number, Set<number>>;
  threadsDone: number;
  failed: boolean;
}

/** The waiting sends of one publisher. */
export class SendTracker {
  private readonly publisher: Publisher;
  private readonly room: RoomWatch;
  private readonly timeoutMs: () => number;
  private readonly queue = new Set<Waiting>();
  private readonly accepted = new Map<number, Waiting>();
  private isPumping = false;
  /** For whoever waits until the queue is empty. */
  private emptied: Wake | undefined;

  /** @param timeoutMs - how long a send waits that does not say so itself */
  constructor(publisher: Publisher, room: RoomWatch, timeoutMs: () => number) {
    this.publisher = publisher;
    this.room = room;
    this.timeoutMs = timeoutMs;
  }

  /** Number of sends that wait. */
  get pending(): number {
    return this.queue.size + this.accepted.size;
  }

  /**
   * Publishes and waits.
   *
   * @param givenUp - aborted when the handler that sends is given up; asked for only where the send has to wait for room
   * @throws (rejects) {@link RingmainError} `RINGMAIN_QUEUE_FULL` when no room came in time, `RINGMAIN_DELIVERY_TIMEOUT`,
   * `RINGMAIN_DELIVERY_FAILED`, `RINGMAIN_ABORTED`, `RINGMAIN_CLOSED`, `RINGMAIN_LIMIT_EXCEEDED`, and what `publish` throws
   */
  send(
    type: string,
    data: unknown,
    options: SendOptions = {},
    origin: SendOrigin = 'handler',
    givenUp?: () => AbortSignal,
  ): Promise<SendOutcome> {
    try {
      checkSendOptions(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const timeoutMs = options.timeoutMs ?? this.timeoutMs();
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0) || timeoutMs > 2 ** 31 - 1) {
      return Promise.reject(optionError(`timeoutMs is ${String(timeoutMs)}`, 'a number from 0 to 2147483647'));
    }
    const until = options.until ?? 'accepted';
    if (until !== 'accepted' && until !== 'handled')
      return Promise.reject(optionError(`until is ${String(until)}`, 'accepted or handled'));
    if (this.pending >= LIMITS.sendsPendingMax) {
      return Promise.reject(
        new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `${this.pending} sends wait`, {
          allowed: `at most ${LIMITS.sendsPendingMax}`,
        }),
      );
    }
    if (options.signal?.aborted === true) return Promise.reject(abortedError(options.signal));
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        origin,
        type,
        data,
        options,
        timeoutMs,
        givenUp: undefined,
        resolve,
        reject,
        timer: undefined,
        onAbort: undefined,
        outcome: undefined,
        sequence: -1,
        priority: '',
        answers: new Map(),
        threadsDone: 0,
        failed: false,
      };
      if (this.attempt(waiting) === undefined) return;
      waiting.givenUp = givenUp?.();
      this.queue.add(waiting);
      this.guard(waiting);
      void this.pump();
    });
  }

  /** Takes an answer from a handling thread. Answers nobody waits for are ignored. */
  acknowledge(answer: Acknowledgement): void {
    const waiting = this.accepted.get(answer.sequence);
    if (waiting === undefined || waiting.outcome === undefined) return;
    let steps = waiting.answers.get(answer.thread);
    if (steps === undefined) waiting.answers.set(answer.thread, (steps = new Set()));
    const before = steps.size;
    const wasDone = before > 0 && before >= answer.of;
    steps.add(answer.step);
    waiting.failed ||= answer.failed;
    if (!wasDone && steps.size >= answer.of) waiting.threadsDone++;
    if (waiting.threadsDone < waiting.outcome.targets) return;
    if (!waiting.failed) return this.settle(waiting, undefined);
    this.settle(
      waiting,
      new RingmainError('RINGMAIN_DELIVERY_FAILED', `a handler of ${waiting.type} failed`, { details: { type: waiting.type } }),
    );
  }

  /** Resolves when no send waits for room. */
  flushed(): Promise<void> {
    if (this.queue.size === 0) return Promise.resolve();
    this.emptied ??= createWake();
    return this.emptied.promise;
  }

  /** Ends the waits for room of the runtime's user, who may publish no more; handlers go on. */
  refuseUser(): void {
    for (const waiting of this.queue) if (waiting.origin === 'user') this.settle(waiting, closedError(waiting));
  }

  /** Ends every wait. */
  close(reason?: Error): void {
    for (const waiting of [...this.queue, ...this.accepted.values()]) this.settle(waiting, reason ?? closedError(waiting));
  }

  /** Tries the queue, each time there is room, until it is empty; sends of one type, and to one full lane, in order. */
  private async pump(): Promise<void> {
    // Goes on to wait when all sends have given up meanwhile: the next one waits for the same room.
    if (this.isPumping) return;
    this.isPumping = true;
    while (this.queue.size > 0) {
      await this.room.ready();
      const full = new Set<string>();
      for (const waiting of this.queue) {
        if (full.has(waiting.type) || full.has(`priority ${waiting.priority}`)) continue;
        const refusal = this.attempt(waiting);
        if (refusal === undefined) this.unqueue(waiting);
        else full.add(refusal.reason === 'full' ? `priority ${refusal.priority}` : waiting.type);
      }
    }
    this.isPumping = false;
  }

  /** One try; undefined when the wait for room is over, one way or the other. */
  private attempt(waiting: Waiting): Rejected | undefined {
    const handled = waiting.options.until === 'handled';
    try {
      const outcome = this.publisher.emit(
        this.publisher.typeOf(waiting.type),
        waiting.data,
        waiting.options,
        handled ? 1 : 0,
        false,
      );
      if (outcome.status === 'rejected') {
        waiting.priority = outcome.priority;
        return outcome;
      }
      waiting.outcome = outcome as SendOutcome;
      waiting.sequence = this.publisher.lastSequence;
      if (!handled || waiting.outcome.targets === 0) {
        this.settle(waiting, undefined);
      } else {
        this.accepted.set(waiting.sequence, waiting);
        this.guard(waiting);
      }
    } catch (error) {
      this.settle(waiting, error as Error);
    }
    return undefined;
  }

  private guard(waiting: Waiting): void {
    if (waiting.timer !== undefined) return;
    waiting.timer = setTimeout(() => this.settle(waiting, timeoutError(waiting)), waiting.timeoutMs);
    const { signal } = waiting.options;
    const { givenUp } = waiting;
    if (signal === undefined && givenUp === undefined) return;
    waiting.onAbort = () => {
      if (signal?.aborted === true) this.settle(waiting, abortedError(signal));
      // What was accepted is published.
      else if (givenUp !== undefined && waiting.outcome === undefined) this.settle(waiting, abortedError(givenUp));
    };
    signal?.addEventListener('abort', waiting.onAbort, { once: true });
    givenUp?.addEventListener('abort', waiting.onAbort, { once: true });
  }

  private unqueue(waiting: Waiting): void {
    if (!this.queue.delete(waiting) || this.queue.size > 0) return;
    this.emptied?.resolve();
    this.emptied = undefined;
  }

  private settle(waiting: Waiting, error: Error | undefined): void {
    this.unqueue(waiting);
    this.accepted.delete(waiting.sequence);
    clearTimeout(waiting.timer);
    if (waiting.onAbort !== undefined)
      for (const signal of [waiting.options.signal, waiting.givenUp]) signal?.removeEventListener('abort', waiting.onAbort);
    if (error === undefined) waiting.resolve(waiting.outcome as SendOutcome);
    else waiting.reject(error);
  }
}

function closedError(waiting: Waiting): RingmainError {
  return new RingmainError('RINGMAIN_CLOSED', `the runtime closed while a send of ${waiting.type} waited`);
}

function timeoutError(waiting: Waiting): RingmainError {
  const details = { type: waiting.type, timeoutMs: waiting.timeoutMs };
  if (waiting.outcome === undefined) {
    return new RingmainError('RINGMAIN_QUEUE_FULL', `no room for ${waiting.type} within ${waiting.timeoutMs} ms`, { details });
  }
  return new RingmainError(
    'RINGMAIN_DELIVERY_TIMEOUT',
    `${waiting.type} was accepted but not handled within ${waiting.timeoutMs} ms`,
    {
      details,
    },
  );
}

function optionError(what: string, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_OPTION_INVALID', what, { allowed });
}
