/**
 * Publishes the events of a source with real backpressure: a rejected publish waits until the lanes have room and is tried again,
 * so the reader never runs ahead of the shards and nothing is lost but what a policy drops or leaves out, which the report says.
 * Thread: main.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isRingmainError } from '@ringmain/core';
import type { RingmainError, RingmainErrorCode } from '@ringmain/core';
import { inputError } from '../input/input-item.ts';
import type { InputEvent, InputItem } from '../input/input-item.ts';
import type { InputSource } from '../input/input-source.ts';
import { unlessStopped } from '../input/unless-stopped.ts';
import type { RuntimePort } from './runtime-port.ts';

/** Bad lines or entries kept for the report; the others are only counted. */
export const BAD_INPUT_KEPT_MAX = 20;

/**
 * Items after which the event loop gets its turn. Generators and full-speed shards need none by themselves, and signals, timers and
 * the main thread's own subscribers would wait for the end of the input.
 */
const ITEMS_PER_TURN = 512;

/** Counts of a feed, updated while it runs. */
export interface FeedTotals {
  /** Events accepted by the runtime. */
  published: number;
  /** Times an event had to wait for room. */
  waits: number;
  /** Lines or entries that were no publishable event. */
  bad: number;
  /** The first of them. */
  readonly firstBad: { readonly position: number; readonly message: string }[];
}

/** What a feed needs to know. */
export interface FeedOptions {
  readonly source: InputSource;
  readonly runtime: Pick<RuntimePort, 'publish' | 'ready'>;
  readonly totals: FeedTotals;
  /** Ends the feed; an event that waits for room then is not published. */
  readonly stop: AbortSignal;
  /** Ends the feed at the first bad line or entry. */
  readonly strict: boolean;
  /** Hears of each of the first bad lines or entries. */
  readonly onBad: (error: RingmainError) => void;
}

/** Errors of `publish` that are the fault of the one event. */
export const EVENT_ERRORS: ReadonlySet<RingmainErrorCode> = new Set<RingmainErrorCode>([
  'RINGMAIN_DICTIONARY_FULL',
  'RINGMAIN_KEY_INVALID',
  'RINGMAIN_METADATA_INVALID',
  'RINGMAIN_OPTION_INVALID',
  'RINGMAIN_PAYLOAD_INVALID',
  'RINGMAIN_PAYLOAD_TOO_LARGE',
  'RINGMAIN_PRIORITY_INVALID',
  'RINGMAIN_TOPIC_INVALID',
  'RINGMAIN_TOPIC_RESERVED',
  'RINGMAIN_TOPIC_UNKNOWN',
]);

/** Fresh counts. */
export function feedTotals(): FeedTotals {
  return { published: 0, waits: 0, bad: 0, firstBad: [] };
}

/**
 * Publishes everything.
 *
 * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when the source breaks off; what `publish` throws when the runtime fails
 */
export async function feed(options: FeedOptions): Promise<void> {
  const { source, stop, strict } = options;
  let sinceTurn = 0;
  for await (const batch of source.batches(stop)) {
    for (const item of batch) {
      sinceTurn += 1;
      if (sinceTurn >= ITEMS_PER_TURN) {
        sinceTurn = 0;
        await nextTurn();
      }
      if (stop.aborted) return;
      const result = publishItem(item, options);
      // Awaiting what is no promise would cost every event a turn of the microtask queue.
      const error = result instanceof Promise ? await result : result;
      if (error === undefined) continue;
      recordBad(item.position, error, options);
      if (strict) return;
    }
  }
}

/** Publishes one item; synchronous but for a full lane. Returns what was wrong with the item. */
function publishItem(item: InputItem, options: FeedOptions): RingmainError | undefined | Promise<RingmainError | undefined> {
  if ('error' in item) return item.error;
  const outcome = tryPublish(item.position, item.event, options);
  return outcome === 'full' ? publishWhenReady(item.position, item.event, options) : outcome;
}

async function publishWhenReady(position: number, event: InputEvent, options: FeedOptions): Promise<RingmainError | undefined> {
  for (;;) {
    options.totals.waits += 1;
    await unlessStopped(options.runtime.ready(), options.stop);
    if (options.stop.aborted) return undefined;
    const outcome = tryPublish(position, event, options);
    if (outcome !== 'full') return outcome;
  }
}

function tryPublish(
  position: number,
  { type, data, options: attributes }: InputEvent,
  options: FeedOptions,
): RingmainError | 'full' | undefined {
  try {
    const { status, accepted } = options.runtime.publish(type, data, attributes);
    if (status === 'rejected') return 'full';
    // What a policy dropped or left out is gone, was counted by the runtime, and is not tried again.
    if (accepted) options.totals.published += 1;
    return undefined;
  } catch (error) {
    if (!isRingmainError(error) || !EVENT_ERRORS.has(error.code)) throw error;
    return inputError(options.source.unit, position, `was refused: ${error.message}`, error);
  }
}

function recordBad(position: number, error: RingmainError, { totals, onBad }: FeedOptions): void {
  totals.bad += 1;
  if (totals.firstBad.length >= BAD_INPUT_KEPT_MAX) return;
  totals.firstBad.push({ position, message: error.message });
  onBad(error);
}
