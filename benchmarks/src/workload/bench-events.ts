/**
 * The events every contender carries. The application's own cost to build an object is not the transport's, so the events
 * are built once per process and published from a table; `stamped` builds a fresh one where the publish time must travel.
 * Thread: any; built on the publishing thread.
 */

/** A typed event that the struct codec packs into about 64 bytes. */
export interface Order {
  id: number;
  /** Publish time in microseconds on the common clock; 0 where latency is not measured. */
  at: number;
  amount: number;
  price: number;
  quantity: number;
  customer: number;
  region: Region;
  express: boolean;
}

/** A typed event that the struct codec packs into about 1 KB. */
export interface Invoice {
  id: number;
  at: number;
  amount: number;
  quantity: number;
  customer: number;
  note: string;
  values: number[];
  buyer: { name: string; email: string; city: string };
  tags: string[];
}

export const REGIONS = ['north', 'east', 'south', 'west'] as const;
export type Region = (typeof REGIONS)[number];

/** Distinct events in the table; a power of two so that an index wraps with a mask. */
export const TABLE_SIZE = 1024;
export const TABLE_MASK = TABLE_SIZE - 1;
/** Distinct keys, as the `mixed` scenario asks. */
export const KEY_COUNT = 64;
export const MIXED_TYPES = 20;
export const MIXED_GROUPS = 3;

export const NOTE_CHARACTERS = 512;
export const VALUE_COUNT = 40;
export const TAG_COUNT = 4;

/** The order at a table index; every field depends on the index, so swapped events change the checksum. */
export function orderAt(index: number, at = 0): Order {
  return {
    id: index,
    at,
    amount: index * 1.25 + 0.5,
    price: 9.75 + index,
    quantity: (index * 7) & 255,
    customer: index % KEY_COUNT,
    region: REGIONS[index & 3] ?? 'north',
    express: (index & 1) === 1,
  };
}

/** The order at a table index with a member that only orders of its type have, at a place of its own. */
export function shapedOrderAt(index: number, at = 0): Order {
  const type = index % MIXED_TYPES;
  const members = Object.entries(orderAt(index, at));
  members.splice(type % members.length, 0, [detailName(type), index]);
  return Object.fromEntries(members) as unknown as Order;
}

/** Name of the member that only one type of `mixed-shapes` has. */
export function detailName(type: number): string {
  return `detail${type}`;
}

/** The invoice at a table index. */
export function invoiceAt(index: number, at = 0): Invoice {
  const digits = String(index).padStart(8, '0');
  return {
    id: index,
    at,
    amount: index * 1.25 + 0.5,
    quantity: (index * 7) & 255,
    customer: index % KEY_COUNT,
    note: `${digits} leave with the neighbour; `.repeat(20).slice(0, NOTE_CHARACTERS),
    values: Array.from({ length: VALUE_COUNT }, (_, place) => index + place * 0.5),
    buyer: { name: `Customer Name ${digits}`, email: `customer.${digits}@example.org`, city: `City ${digits}` },
    tags: Array.from({ length: TAG_COUNT }, (_, place) => `tag-${digits.slice(4)}${place}`.slice(0, 8)),
  };
}

/** The part of an event that handlers read: two fields, and the publish time in the latency scenario. */
export interface ReadFields {
  readonly id: number;
  readonly quantity: number;
  readonly at: number;
}
