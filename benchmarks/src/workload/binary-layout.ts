/**
 * Hand-written binary forms of the events for transports that carry bytes only: what a user of such a transport writes himself.
 * Thread: `BinaryWriter` on the publisher, `BinaryReader` on the consumer.
 *
 * Order, 8 doubles: id, at, amount, price, quantity, customer, region index, express.
 * Invoice, 128 doubles: id, at, amount, quantity, customer, 40 values, then note, buyer and tags as latin1 of fixed width.
 */
import { type Invoice, NOTE_CHARACTERS, type Order, type ReadFields, type Region, VALUE_COUNT } from './bench-events.ts';

export const ORDER_DOUBLES = 8;
export const INVOICE_DOUBLES = 128;

const INVOICE_VALUES_AT = 5;
const INVOICE_TEXT_BYTES_AT = (INVOICE_VALUES_AT + VALUE_COUNT) * 8;
const NAME_WIDTH = 32;
const EMAIL_WIDTH = 32;
const CITY_WIDTH = 16;
const TAG_WIDTH = 8;

const regionIndex: Readonly<Record<Region, number>> = { north: 0, east: 1, south: 2, west: 3 };

/** Writes an event into a scratch record that the transport then copies. */
export class BinaryWriter {
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
  readonly #invoice: boolean;

  constructor(invoice: boolean) {
    this.#invoice = invoice;
    this.doubles = new Float64Array(invoice ? INVOICE_DOUBLES : ORDER_DOUBLES);
    this.bytes = Buffer.from(this.doubles.buffer);
  }

  write(data: ReadFields): void {
    if (this.#invoice) this.#writeInvoice(data as Invoice);
    else this.#writeOrder(data as Order);
  }

  #writeOrder(order: Order): void {
    const to = this.doubles;
    to[0] = order.id;
    to[1] = order.at;
    to[2] = order.amount;
    to[3] = order.price;
    to[4] = order.quantity;
    to[5] = order.customer;
    to[6] = regionIndex[order.region];
    to[7] = order.express ? 1 : 0;
  }

  #writeInvoice(invoice: Invoice): void {
    const to = this.doubles;
    to[0] = invoice.id;
    to[1] = invoice.at;
    to[2] = invoice.amount;
    to[3] = invoice.customer;
    to[4] = invoice.quantity;
    for (let place = 0; place < VALUE_COUNT; place++) to[INVOICE_VALUES_AT + place] = invoice.values[place] ?? 0;
    const bytes = this.bytes;
    let at = INVOICE_TEXT_BYTES_AT;
    bytes.write(invoice.note, at, NOTE_CHARACTERS, 'latin1');
    at += NOTE_CHARACTERS;
    bytes.write(invoice.buyer.name, at, NAME_WIDTH, 'latin1');
    at += NAME_WIDTH;
    bytes.write(invoice.buyer.email, at, EMAIL_WIDTH, 'latin1');
    at += EMAIL_WIDTH;
    bytes.write(invoice.buyer.city, at, CITY_WIDTH, 'latin1');
    at += CITY_WIDTH;
    for (const tag of invoice.tags) {
      bytes.write(tag, at, TAG_WIDTH, 'latin1');
      at += TAG_WIDTH;
    }
  }
}

/** Reads the fields handlers want at a place in a block of doubles; one reused object, so reading allocates nothing. */
export class BinaryReader implements ReadFields {
  #from: Float64Array;
  #at = 0;

  constructor(from: Float64Array) {
    this.#from = from;
  }

  /** Moves to the record that begins at a double index. */
  moveTo(at: number): this {
    this.#at = at;
    return this;
  }

  get id(): number {
    return this.#from[this.#at] ?? 0;
  }

  get at(): number {
    return this.#from[this.#at + 1] ?? 0;
  }

  // Both layouts keep the quantity at double 4.
  get quantity(): number {
    return this.#from[this.#at + 4] ?? 0;
  }
}
