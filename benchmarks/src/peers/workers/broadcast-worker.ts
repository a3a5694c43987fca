/**
 * Worker entry of the `BroadcastChannel` contender. Acknowledgements go back by the parent port, so that the channel carries
 * one direction only, as it would in an application.
 * Thread: worker.
 */
import { BroadcastChannel, parentPort } from 'node:worker_threads';
import { control, handleItem } from '../../workload/consumer.ts';
import { ACK_EVERY } from '../in-flight-window.ts';
import { CHANNEL_NAME, isControlMessage, type WorkerMessage } from '../message-protocol.ts';

if (parentPort !== null) {
  const port = parentPort;
  const channel = new BroadcastChannel(CHANNEL_NAME);
  const post = (message: WorkerMessage): void => port.postMessage(message);
  let handled = 0;
  channel.onmessage = (event: unknown) => {
    const message = (event as { data: unknown }).data;
    if (isControlMessage(message)) {
      if (message.control.op === 'reset') handled = 0;
      post({ kind: 'report', report: control(message.control) });
      return;
    }
    handleItem(message);
    if (++handled % ACK_EVERY === 0) post({ kind: 'ack', handled });
  };
  post({ kind: 'ready' });
}
