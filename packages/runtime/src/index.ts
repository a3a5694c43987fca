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
export { ERROR_CATALOGUE, NonRetryableError, RetryAfterError, RingmainError, SkipError, isRingmainError } from '@ringmain/core';
export type { CapacityLoad, CapacityLoadInput } from './capacity/capacity-load.ts';
export type * from './capacity/capacity-report.ts';
export * from './capacity/plan-capacity.ts';
export type { BreakerHandle } from './breaker-handle.ts';
export type { BreakerOptions, OnOpen, SubscriberBreakerOptions } from './breaker-options.ts';
export type { CloseSignal, SignalOptions } from './close-signals.ts';
export type { AdaptiveOptions, BulkheadOptions } from './bulkhead-options.ts';
export * from './config/index.ts';
export * from './create-runtime.ts';
export * from './events/bytes-schema.ts';
export * from './events/define-events.ts';
export type * from './events/system-events.ts';
export type * from './handler-context.ts';
export type { DeliveryMode } from './delivery-options.ts';
export type { DeadLetterReason } from './deliver/dead-letter-reason.ts';
export * from './letters/dead-letters.ts';
export type { LetterCause, LetterError } from './letters/letter-error.ts';
export type { LetterFilter } from './letters/letter-filter.ts';
export { letterLineFilter, parseLetterLine } from './letters/letter-line.ts';
export type { LetterLine, LineEvent } from './letters/letter-line.ts';
export type { LetterGivenUp } from './letters/letter-spill.ts';
export type { Letter } from './letters/letter.ts';
export type { DeadLetterMetrics } from './metrics/dead-letters.ts';
export type { RedriveReport } from './letters/redrive.ts';
export type * from './health/health-report.ts';
export type { Isolation, IsolationKind, IsolationShard, IsolationThreads, ThreadMemory } from './isolation/isolation-options.ts';
export type { BreakerMetrics } from './metrics/breakers.ts';
export type { BulkheadFigures, BulkheadMetrics, BulkheadThreadMetrics } from './metrics/bulkheads.ts';
export type { GroupMetrics, LaneMetrics, MetricsSnapshot } from './metrics/snapshot.ts';
export type { PublisherMetrics } from './metrics/publishers.ts';
export type { DegradationMetrics, SteeringMetrics } from './metrics/steering.ts';
export type { AddOutcome, Batcher, BatcherOptions, Gathered } from './publish/batcher.ts';
export * from './publish/options.ts';
export type { ReloadReport } from './reload-config.ts';
export type { RetryOptions } from './retry-options.ts';
export * from './runtime-results.ts';
export * from './subscribe-options.ts';
export type * from './runtime-parts.ts';
export * from './runtime.ts';
export * from './subscriber.ts';
export * from './subscribers/load-module.ts';
