/** Codecs on the 64-byte and the 1 KB event, beside what the platform offers. Thread: main. */
import { compileStruct, createBytesCodec, createJsonCodec, HEADER_BYTES, type PayloadCodec, recordViews } from '@ringmain/codec';
import { deserialize, serialize } from 'node:v8';
import { invoiceSchema, orderSchema } from '../peers/ringmain-events.ts';
import { invoiceAt, orderAt, type ReadFields } from '../workload/bench-events.ts';
import { type MicroTask, microTask } from './micro-task.ts';

const AT = HEADER_BYTES;
const MEMORY_BYTES = 1 << 13;

/** Encode, decode and read tasks of every codec. */
export function codecTasks(): MicroTask[] {
  const orders = Array.from({ length: 64 }, (_, index) => orderAt(index));
  const invoices = Array.from({ length: 64 }, (_, index) => invoiceAt(index));
  const bytes = orders.map((_, index) => Buffer.alloc(64, index));
  return [
    ...tasksOf('struct, 64 B', compileStruct(orderSchema) as PayloadCodec, orders),
    ...tasksOf('struct, 1 KB', compileStruct(invoiceSchema) as PayloadCodec, invoices),
    ...tasksOf('json, 64 B', createJsonCodec(), orders),
    ...tasksOf('json, 1 KB', createJsonCodec(), invoices),
    ...tasksOf('bytes, 64 B', createBytesCodec(), bytes),
    microTask('platform: JSON.stringify and JSON.parse, 64 B', (index) => JSON.parse(JSON.stringify(orders[index & 63]))),
    microTask('platform: v8 serialize and deserialize, 64 B', (index) => deserialize(serialize(orders[index & 63]))),
  ];
}

function tasksOf(name: string, codec: PayloadCodec, values: readonly unknown[]): MicroTask[] {
  const target = recordViews(new SharedArrayBuffer(MEMORY_BYTES));
  const views = recordViews(new SharedArrayBuffer(MEMORY_BYTES));
  codec.measure(values[0]);
  const written = codec.encode(values[0], views, AT);
  const encode = microTask(`${name}: measure and encode`, (index) => {
    const value = values[index & 63];
    codec.measure(value);
    return codec.encode(value, target, AT);
  });
  const decode = microTask(`${name}: decode`, () => codec.decode(views, AT, written));
  if (!name.startsWith('struct')) return [encode, decode];
  const read = microTask(`${name}: view, read two fields, release`, () => {
    const view = codec.view(views, AT, written);
    const { id, quantity } = view as ReadFields;
    codec.release(view);
    return id + quantity;
  });
  return [encode, decode, read];
}
