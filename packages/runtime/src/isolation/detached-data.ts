/**
 * Data that a handler publishes, made fit to go to another thread: through the codec of its type, so that lazy views, classes and getters arrive as they
 * would in a ring, and what does not fit the type is refused where it was published.
 * Thread: one of an isolated group's. Allocates for every event; publishing from an isolated handler is not the hot path.
 */
import { DictionaryWriter, recordViews } from '@ringmain/codec';
import { DICTIONARY_BYTES } from '@ringmain/ring';
import type { EventTypes } from '../events/event-type.ts';

/** Detaches data of one thread's types. */
export class DetachedData {
  private readonly types: EventTypes;
  /** Of this thread alone: numbers open types, which the shard numbers anew. */
  private readonly dictionary = new DictionaryWriter(recordViews(new ArrayBuffer(DICTIONARY_BYTES)), 0, DICTIONARY_BYTES);

  constructor(types: EventTypes) {
    this.types = types;
  }

  /** @throws {@link RingmainError} what `publish` throws for an unknown type or for data that does not fit it */
  of(name: string, data: unknown): unknown {
    const { codec } = this.types.byName.get(name) ?? this.types.introduce(name, this.dictionary);
    const views = recordViews(new ArrayBuffer((codec.measure(data) + 7) & ~7));
    return codec.decode(views, 0, codec.encode(data, views, 0));
  }
}
