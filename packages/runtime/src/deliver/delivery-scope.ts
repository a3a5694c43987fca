/** What all deliveries of a thread share. */
import type { Publisher } from '../publish/publisher.ts';
import type { SendTracker } from '../publish/send-tracker.ts';

/** What the handlers of one thread publish with. */
export interface DeliveryScope {
  readonly publisher: Publisher;
  readonly sends: SendTracker;
}
