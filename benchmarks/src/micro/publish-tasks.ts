/**
 * The whole `publish` call into a running shard with a trivial handler; a call that is rejected waits for room, so the slower
 * side sets the figure. The peers suite measures the same path against its alternatives.
 * Thread: main.
 */
import { createRuntime, type Runtime } from 'ringmain';
import { type BenchCodec, events, typeName } from '../peers/ringmain-events.ts';
import { orderAt, TABLE_MASK, TABLE_SIZE } from '../workload/bench-events.ts';
import { BinaryWriter } from '../workload/binary-layout.ts';
import { ORDER_TYPE } from '../workload/workload.ts';
import { type MicroTask, OPERATIONS } from './micro-task.ts';

const BATCH_EVENTS = 100;

/** Starts a runtime with one shard for the publish tasks. */
export function startRuntime(): Promise<Runtime> {
  return createRuntime({
    events,
    config: { shards: 1, log: { level: 'warn' } },
    subscribers: [new URL('../peers/workers/ringmain-handlers.js', import.meta.url)],
  });
}

export function publishTasks(runtime: Runtime): MicroTask[] {
  const orders = Array.from({ length: TABLE_SIZE }, (_, index) => orderAt(index));
  const records = orders.slice(0, 64).map((order) => {
    const writer = new BinaryWriter(false);
    writer.write(order);
    return writer.bytes;
  });
  const struct = typeName(ORDER_TYPE, 'struct');
  return [
    publishTask(runtime, 'struct', (index) => orders[index & TABLE_MASK]),
    publishTask(runtime, 'json', (index) => orders[index & TABLE_MASK]),
    publishTask(runtime, 'bytes', (index) => records[index & 63]),
    {
      name: `publishBatch of ${BATCH_EVENTS}: struct`,
      operations: OPERATIONS,
      async run() {
        for (let done = 0; done < OPERATIONS; done += BATCH_EVENTS) {
          const batch = [];
          for (let index = done; index < done + BATCH_EVENTS; index++)
            batch.push({ type: struct, data: orders[index & TABLE_MASK] });
          while (!runtime.publishBatch(batch).accepted) await runtime.ready();
        }
      },
    },
  ];
}

function publishTask(runtime: Runtime, codec: BenchCodec, dataAt: (index: number) => unknown): MicroTask {
  const type = typeName(ORDER_TYPE, codec);
  return {
    name: `publish: ${codec}`,
    operations: OPERATIONS,
    async run() {
      for (let index = 0; index < OPERATIONS;) {
        if (runtime.publish(type, dataAt(index)).accepted) index++;
        else await runtime.ready();
      }
    },
  };
}
