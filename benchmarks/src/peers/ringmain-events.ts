/**
 * The event definitions of the ringmain contenders: the same events once per codec, plus control and report.
 * Thread: main thread and shards.
 */
import { bytesSchema, defineEvents, type EventDefinition } from 'ringmain';
import { z } from 'zod';
import { detailName, type Invoice, MIXED_TYPES, type Order, REGIONS } from '../workload/bench-events.ts';
import { type ControlReport, type ControlRequest, mixedType, shapedType } from '../workload/consumer.ts';
import { INVOICE_TYPE, ORDER_TYPE } from '../workload/workload.ts';

/** Codecs that take part. */
export type BenchCodec = 'struct' | 'json' | 'bytes';

/** Asks the shard for a {@link ControlReport}. */
export const CONTROL_TYPE = 'control.request';
export const REPORT_TYPE = 'control.report';
/** Patterns of the groups. */
export const ORDER_PATTERNS = (['struct', 'json'] as const).flatMap((codec) => [
  typeName(ORDER_TYPE, codec),
  typeName(INVOICE_TYPE, codec),
]);
export const BYTES_PATTERNS = [typeName(ORDER_TYPE, 'bytes'), typeName(INVOICE_TYPE, 'bytes')];
export const MIXED_PATTERNS = ['mixed.*', 'shaped.*'];

const orderShape = {
  id: z.int(),
  at: z.number(),
  amount: z.number(),
  price: z.number(),
  quantity: z.int(),
  customer: z.int(),
  region: z.enum(REGIONS),
  express: z.boolean(),
};

export const orderSchema: z.ZodType<Order> = z.object(orderShape);

export const invoiceSchema: z.ZodType<Invoice> = z.object({
  id: z.int(),
  at: z.number(),
  amount: z.number(),
  quantity: z.int(),
  customer: z.int(),
  note: z.string(),
  values: z.array(z.number()),
  buyer: z.object({ name: z.string(), email: z.string(), city: z.string() }),
  tags: z.array(z.string()),
});

/** The order's schema with the member that one type of `mixed-shapes` has beside it. */
function shapedSchema(type: number): z.ZodType<Order> {
  return z.object({ ...orderShape, [detailName(type)]: z.int() });
}

/** Name of an event type in one codec. */
export function typeName(type: string, codec: BenchCodec): string {
  return `${type}.${codec}`;
}

const byCustomer = (data: { readonly customer: number }): number => data.customer;

export const events = defineEvents({
  ...keyed(ORDER_TYPE, orderSchema),
  ...keyed(INVOICE_TYPE, invoiceSchema),
  ...Object.assign({}, ...Array.from({ length: MIXED_TYPES }, (_, index) => keyed(mixedType(index), orderSchema))),
  ...Object.assign({}, ...Array.from({ length: MIXED_TYPES }, (_, index) => keyed(shapedType(index), shapedSchema(index)))),
  // Bytes have no fields, so they have no derived key either.
  [typeName(ORDER_TYPE, 'bytes')]: { schema: bytesSchema, codec: 'bytes' },
  [typeName(INVOICE_TYPE, 'bytes')]: { schema: bytesSchema, codec: 'bytes' },
  [CONTROL_TYPE]: { schema: z.custom<ControlRequest>(), codec: 'json' },
  [REPORT_TYPE]: { schema: z.custom<ControlReport>(), codec: 'json' },
} as Record<string, EventDefinition>);

/**
 * One type per codec that carries objects. JSON is published without checking the schema, because no rival checks anything;
 * `struct` always checks the types it packs.
 */
function keyed(name: string, schema: z.ZodType<Order> | z.ZodType<Invoice>): Record<string, EventDefinition> {
  const key = byCustomer as (data: unknown) => number;
  return {
    [typeName(name, 'struct')]: { schema, codec: 'struct', key },
    [typeName(name, 'json')]: { schema, codec: 'json', key, validate: false },
  };
}
