export type {
  Accepted,
  PartlyAccepted,
  CloudEvent,
  EventAttributes,
  EventOf,
  PriorityName,
  PublishOutcome,
  Rejected,
  SendOutcome,
  RingmainErrorCode,
  RingmainEvent,
} from '@ringmain/core';
export { ERROR_CATALOGUE, RingmainError, isRingmainError } from '@ringmain/core';
export * from './config/index.ts';
export * from './create-runtime.ts';
export * from './events/bytes-schema.ts';
export * from './events/define-events.ts';
export type { GroupMetrics, LaneMetrics, MetricsSnapshot } from './metrics/snapshot.ts';
export type { AddOutcome, Batcher, BatcherOptions, Gathered } from './publish/batcher.ts';
export * from './publish/options.ts';
export * from './close-report.ts';
export * from './runtime.ts';
export * from './subscription.ts';
export * from './subscriber.ts';
export * from './subscribers/load-module.ts';
