/** What all deliveries of a thread share. */
import type { Publisher } from '../publish/publisher.ts';
import type { SendTracker } from '../publish/send-tracker.ts';
import type { BreakerGates } from './breaker-gates.ts';
import type { Bulkheads } from './bulkheads.ts';
import type { FailureLog } from './failure-log.ts';
import type { GroupShares } from './group-shares.ts';

/** What the handlers of one thread publish with, what bounds them, and where their failures are logged. */
export interface DeliveryScope {
  readonly publisher: Publisher;
  readonly sends: SendTracker;
  readonly failures: FailureLog;
  readonly bulkheads: Bulkheads;
  readonly breakers: BreakerGates;
  readonly shares: GroupShares;
}
