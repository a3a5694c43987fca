/** What closing a runtime tells. */
import type { MetricsSnapshot } from './metrics/snapshot.ts';

/** What `close` reports. */
export interface CloseReport {
  /** True when everything accepted had settled before the threads stopped. */
  readonly drained: boolean;
  readonly seconds: number;
  readonly metrics: MetricsSnapshot;
  /** Deliveries that had not settled when the threads stopped. */
  readonly abandoned: number;
  /** Events that batchers had gathered and for which there was no room up to the end. */
  readonly unpublished: number;
}
