/**
 * What handlers get beside their events.
 * Thread: shards (or the main thread, for its own subscriptions and with `shards: 0`).
 */
import type { PublishOutcome, RingmainEvent, SendOutcome } from '@ringmain/core';
import type { Logger } from 'pino';
import type { BatchEntry, PublishOptions, SendOptions } from './publish/options.ts';

/** What a handler gets beside the event. */
export interface HandlerContext<State = unknown> {
  /** Index of the shard, from 0; -1 on the main thread. */
  readonly shard: number;
  readonly group: string;
  /** What this subscriber's `setup` returned in this shard. */
  readonly state: State;
  /** Deliveries of this event to this group, this one included. */
  readonly attempt: number;
  readonly log: Logger;
  /**
   * Aborted when the handler is to stop. This attempt is given up: its time limit has passed (`RINGMAIN_HANDLER_TIMEOUT`). Or the runtime closes, and half of
   * the time for that has passed (`RINGMAIN_CLOSED`): what the handler makes of it still counts. Pass it on to whatever can stop.
   */
  readonly signal: AbortSignal;
  /**
   * Settles the delivery as handled, before the handler ends; the event may not be used afterwards. What the handler throws then is only logged.
   *
   * @returns false when the delivery has settled otherwise, or this attempt was given up: then the event is, or will be, handled again
   */
  ack(): boolean;
  /**
   * Fails this attempt, as throwing would.
   *
   * @returns what {@link HandlerContext.ack} returns
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  nack(options?: NackOptions): boolean;
  /**
   * Ends the delivery without success, for a reason of at most 256 characters; no attempt follows.
   *
   * @returns what {@link HandlerContext.ack} returns
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  deadLetter(reason: string): boolean;
  /**
   * Has the time limit begin anew: the attempt may go on for so many milliseconds from now, above 0 and at most a day.
   *
   * @returns false when the attempt is over
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  extend(ms: number): boolean;
  /** Publishes from this shard straight to the target's; correlation and causation are inherited from the event. */
  publish(type: string, data: unknown, options?: PublishOptions): PublishOutcome;
  /**
   * Publishes several events, all or none of them, in order. Each inherits correlation and causation where its entry does not name its own.
   *
   * @remarks If the thread dies while it publishes, the first events of the batch may be delivered without the others.
   * @returns one outcome for the batch
   * @throws {@link RingmainError} what `publish` throws, and `RINGMAIN_LIMIT_EXCEEDED` for a batch that takes more than half of a lane; nothing
   * of the batch is published then
   */
  publishBatch(entries: readonly BatchEntry[]): PublishOutcome;
  /** Like {@link HandlerContext.publish}, but waits for room, or for the event to be handled. */
  send(type: string, data: unknown, options?: SendOptions): Promise<SendOutcome>;
}

/** How an attempt is failed. */
export interface NackOptions {
  /** Milliseconds until the next attempt, from 0 to a day; as the group's backoff says, if left out. */
  readonly delayMs?: number;
  /** Why: what is logged, and what the dead letter says if this was the last attempt. */
  readonly error?: unknown;
}

/** What a batch handler gets beside the events. */
export interface BatchHandlerContext<State = unknown> extends Pick<
  HandlerContext<State>,
  'shard' | 'group' | 'state' | 'log' | 'signal' | 'extend' | 'publish' | 'publishBatch' | 'send'
> {
  /**
   * Fails one event of the batch, whatever becomes of the others: it is tried again alone, as the group's retries say. The first reason counts.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for an event of no such batch, `RINGMAIN_EVENT_RELEASED` once the batch has settled
   */
  fail(event: RingmainEvent, error: unknown): void;
  /**
   * The context of one event, as `handle` would get it: what it publishes inherits that event's correlation and causation. What the batch's own context
   * publishes inherits nothing. What it says of the event holds whatever becomes of the batch, and is of no use once that has settled.
   *
   * @throws {@link RingmainError} what {@link BatchHandlerContext.fail} throws
   */
  of(event: RingmainEvent): HandlerContext<State>;
}
