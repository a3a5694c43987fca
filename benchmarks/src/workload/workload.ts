/**
 * The table of events one contender publishes in one scenario, and the totals its handlers must arrive at.
 * Thread: publishing thread.
 */
import {
  invoiceAt,
  MIXED_GROUPS,
  MIXED_TYPES,
  orderAt,
  shapedOrderAt,
  type ReadFields,
  TABLE_MASK,
  TABLE_SIZE,
} from './bench-events.ts';
import { mixedType, shapedType, type Totals, type TypedItem } from './consumer.ts';
import type { Scenario } from './scenarios.ts';

/** Event type of the scenarios with one type. */
export const ORDER_TYPE = 'bench.order';
export const INVOICE_TYPE = 'bench.invoice';

/** The n-th published event is the one at `n & TABLE_MASK`. */
export class Workload {
  readonly scenario: Scenario;
  /** Iterations of the spinning handler, the same for all contenders of a run. */
  readonly spinIterations: number;
  /** Event data. */
  readonly data: readonly ReadFields[];
  /** Event type names. */
  readonly types: readonly string[];
  /** What transports without topics post: the data, or type and data where there are several types. */
  readonly items: readonly (ReadFields | TypedItem)[];
  readonly #sumBefore: Float64Array;

  constructor(scenario: Scenario, spinIterations: number) {
    this.scenario = scenario;
    this.spinIterations = spinIterations;
    const build = { order: orderAt, mixed: orderAt, invoice: invoiceAt, shapes: shapedOrderAt }[scenario.events];
    const indexes = Array.from({ length: TABLE_SIZE }, (_, index) => index);
    this.data = indexes.map((index) => build(index));
    this.types = indexes.map((index) => typeAt(scenario, index));
    this.items =
      scenario.work === 'mixed' ? indexes.map((index) => ({ type: typeAt(scenario, index), data: build(index) })) : this.data;
    this.#sumBefore = new Float64Array(TABLE_SIZE + 1);
    this.data.forEach((data, index) => {
      this.#sumBefore[index + 1] = (this.#sumBefore[index] ?? 0) + data.id + data.quantity;
    });
  }

  /** A fresh event that carries its publish time; the table stays untouched, since a pool may clone it later. */
  stampedAt(index: number, atUs: number): ReadFields {
    return orderAt(index & TABLE_MASK, atUs);
  }

  /** What every group must have counted after the first `published` events. */
  expected(published: number): readonly Totals[] {
    const rounds = Math.floor(published / TABLE_SIZE);
    const sum = rounds * (this.#sumBefore[TABLE_SIZE] ?? 0) + (this.#sumBefore[published & TABLE_MASK] ?? 0);
    const groups = this.scenario.work === 'mixed' ? MIXED_GROUPS : 1;
    return Array.from({ length: groups }, () => ({ count: published, sum }));
  }
}

function typeAt(scenario: Scenario, index: number): string {
  if (scenario.events === 'mixed') return mixedType(index % MIXED_TYPES);
  if (scenario.events === 'shapes') return shapedType(index % MIXED_TYPES);
  return scenario.events === 'invoice' ? INVOICE_TYPE : ORDER_TYPE;
}
