/** Where events come from: batches of checked items, read only as fast as they are taken. */
import type { InputItem } from './input-item.ts';

/** A source of events. */
export interface InputSource {
  /** Name in messages. */
  readonly name: string;
  /** What a position counts. */
  readonly unit: 'line' | 'entry';
  /** Size of the whole input, when it is known. */
  readonly bytesTotal: number | undefined;
  /** Bytes read so far. */
  readonly bytesRead: number;
  /**
   * Reads the items, once.
   *
   * @param stop - ends the reading, also while it waits for the next item; the items end without an error then
   * @throws {@link RingmainError} `RINGMAIN_INPUT_INVALID` when the source breaks off
   */
  batches(stop: AbortSignal): AsyncIterable<readonly InputItem[]>;
}
