/**
 * Worker entry of the `postMessage` contenders: one event per message, or an array of events.
 * Thread: worker.
 */
import { parentPort } from 'node:worker_threads';
import { type ControlReport, control, handleItem } from '../../workload/consumer.ts';
import { ACK_EVERY } from '../in-flight-window.ts';
import { isControlMessage, type WorkerMessage } from '../message-protocol.ts';

const port = parentPort;
if (port === null) throw new Error('message-worker runs in a worker thread only');
let handled = 0;
let acknowledged = 0;

port.on('message', (message: unknown) => {
  if (Array.isArray(message)) {
    for (const item of message as unknown[]) handleItem(item);
    settle(message.length);
  } else if (isControlMessage(message)) {
    if (message.control.op === 'reset') handled = acknowledged = 0;
    report(control(message.control));
  } else {
    handleItem(message);
    settle(1);
  }
});
post({ kind: 'ready' });

function settle(count: number): void {
  handled += count;
  if (handled - acknowledged >= ACK_EVERY) {
    acknowledged = handled;
    post({ kind: 'ack', handled });
  }
}

function report(result: ControlReport): void {
  post({ kind: 'report', report: result });
}

function post(message: WorkerMessage): void {
  port?.postMessage(message);
}
