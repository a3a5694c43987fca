/**
 * The publishing side of one thread put together: types, publisher, and the waits for room and for answers.
 * Thread: its owner only.
 */
import { DictionaryWriter, recordViews } from '@ringmain/codec';
import { DICTIONARY_BYTES, MAIN_THREAD } from '@ringmain/ring';
import type { EventRegistry } from '../events/define-events.ts';
import { EventTypes } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';
import { GatheredBells, promptBells } from './bells.ts';
import { Publisher } from './publisher.ts';
import { RoomWatch } from './room-watch.ts';
import { SendTracker } from './send-tracker.ts';
import { SystemPublisher } from './system-publisher.ts';

/** The publishing side of one thread. */
export interface Publishing {
  /** Producer that its records come from. */
  readonly thread: number;
  readonly types: EventTypes;
  /** Names of the thread's open types. */
  readonly dictionary: DictionaryWriter;
  readonly publisher: Publisher;
  readonly room: RoomWatch;
  readonly sends: SendTracker;
  /** Publishes what the runtime itself has to say. */
  readonly system: SystemPublisher;
}

/**
 * Builds the publishing side of a thread; a successor goes on with the dictionary and sequence of its predecessor.
 *
 * @param types - the registry's types, if they were compiled already
 */
export function createPublishing(
  context: ThreadContext,
  registry: EventRegistry,
  types: EventTypes = new EventTypes(registry),
): Publishing {
  const { seed, thread } = context;
  const regions = seed.plan.threads[thread];
  if (regions === undefined) throw new Error(`no thread ${thread}`);
  const dictionary = new DictionaryWriter(
    recordViews(seed.memory.control, regions.dictionary, DICTIONARY_BYTES),
    0,
    DICTIONARY_BYTES,
  );
  const publisher = new Publisher(context, types, dictionary, thread === MAIN_THREAD ? promptBells : new GatheredBells());
  const room = new RoomWatch(publisher);
  // Whoever waits for a rate limit that was raised, or for a circuit breaker that is none any more, need not wait until its time is over.
  context.live.watch(['publishRate', 'admission', 'overflow'], () => {
    publisher.overflow.pump();
    room.resume();
  });
  const sends = new SendTracker(publisher, room, () => seed.config.deliveryTimeoutMs);
  const system = new SystemPublisher({ thread, types, dictionary, publisher });
  return { thread, types, dictionary, publisher, room, sends, system };
}
