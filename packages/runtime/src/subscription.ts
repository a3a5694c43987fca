/** What subscribing on the main thread gives. */

/** A subscription of the main thread. */
export interface Subscription {
  readonly group: string;
  /** Resolves when the shards know of the subscription; events that the main thread publishes itself arrive at once. */
  readonly ready: Promise<void>;
  /** Ends the subscription. Deliveries that began before go on to their end. */
  unsubscribe(): void;
}
