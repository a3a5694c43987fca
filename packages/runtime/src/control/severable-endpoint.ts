/**
 * An endpoint for comlink that lets go of its port. comlink remembers each endpoint until the last proxy over it is collected; were the port within
 * reach of the endpoint, so would be whoever listens to the port, the owner of the proxy among them, and nothing were ever collected.
 * Thread: any.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Endpoint } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';

/** An endpoint, and what cuts it off its port. */
export interface SeverableEndpoint {
  readonly endpoint: Endpoint;
  /** Lets go of the port: nothing is sent or heard any more. */
  readonly sever: () => void;
}

/** Makes an endpoint over a port or a thread. */
export function severableEndpoint(port: MessagePort | Worker): SeverableEndpoint {
  let target: Endpoint | undefined = nodeEndpoint(port);
  return {
    endpoint: {
      postMessage: (message, transfer) => target?.postMessage(message, transfer),
      addEventListener: (type, listener, options) => target?.addEventListener(type, listener, options),
      removeEventListener: (type, listener, options) => target?.removeEventListener(type, listener, options),
      start: () => target?.start?.(),
    },
    sever: () => {
      target = undefined;
    },
  };
}
