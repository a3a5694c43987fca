/**
 * The batchers of one publisher, so that whoever drains or closes finds what they hold.
 * Thread: the publisher's.
 */
import type { ThreadContext } from '../thread-context.ts';
import type { BatcherOptions } from './batcher.ts';
import { EventBatcher } from './batcher.ts';
import type { Publishing } from './publishing.ts';

/** Part of a lane that a batch may take: with what is left unused at the lane's end it then takes at most half of it, and always fits in the end. */
export const BATCH_LANE_DIVISOR = 4;

/** Batchers that may hold events. */
export class Batchers {
  private readonly publishing: Pick<Publishing, 'publisher' | 'room'>;
  private readonly bytesMax: number;
  private readonly open = new Set<EventBatcher<never>>();

  constructor(context: ThreadContext, publishing: Pick<Publishing, 'publisher' | 'room'>) {
    const { lanes } = context.seed.config;
    this.publishing = publishing;
    this.bytesMax = Math.min(...Object.values(lanes).map(({ capacityBytes }) => capacityBytes)) / BATCH_LANE_DIVISOR;
  }

  /**
   * Makes a batcher for events of one type.
   *
   * @param refuse - throws when the runtime takes no events any more
   */
  create<Data>(name: string, options: BatcherOptions, refuse: () => void): EventBatcher<Data> {
    const { publisher, room } = this.publishing;
    const { batches } = publisher;
    publisher.typeOf(name);
    const batcher = new EventBatcher<Data>(
      {
        encode: (data, given) => {
          refuse();
          return batches.encode({ ...given, type: name, data });
        },
        publish: (events) => batches.publishEncoded(events),
        bytesMax: this.bytesMax,
        eventsMax: batches.eventsMax,
        ready: () => room.ready(),
        ended: () => this.open.delete(batcher),
      },
      options,
    );
    this.open.add(batcher);
    return batcher;
  }

  /** Events that wait in batches. */
  get size(): number {
    let size = 0;
    for (const batcher of this.open) size += batcher.size;
    return size;
  }

  /** Publishes what there is room for; true when nothing is left. */
  flush(): boolean {
    for (const batcher of this.open) batcher.flush();
    return this.size === 0;
  }

  /** Ends all of them; returns the number of events that could not be published. */
  stop(): number {
    const left = this.size;
    for (const batcher of this.open) batcher.stop();
    return left;
  }
}
