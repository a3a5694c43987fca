/**
 * Messages between a contender's main thread and its worker, for the contenders built on plain messages.
 * Thread: any.
 */
import type { ControlReport, ControlRequest } from '../workload/consumer.ts';

/** Name of the channel of the `BroadcastChannel` contender. */
export const CHANNEL_NAME = 'ringmain-benchmark';

/** Main to worker, beside the events themselves. */
export interface ControlMessage {
  readonly control: ControlRequest;
}

/** Worker to main. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'ack'; readonly handled: number }
  | { readonly kind: 'report'; readonly report: ControlReport };

/** Tells a control message from an event. */
export function isControlMessage(message: unknown): message is ControlMessage {
  return (message as Partial<ControlMessage>).control !== undefined;
}
