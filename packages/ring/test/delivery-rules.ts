/**
 * What must be true of deliveries whatever died: nothing lost, counted exactly once, in order of key, and delivered again only after a death.
 * Plain checks that throw: `expect` would take most of the time of an exploration.
 */

/** One record. */
export interface RecordShape {
  readonly lane: number;
  /** 0 for none. */
  readonly key: number;
  readonly bytes: number;
}

/** A handler was called. */
export interface Delivery {
  readonly group: number;
  readonly id: number;
  readonly attempt: number;
}

/** All that happened, once everything has settled. */
export interface DeliveryHistory {
  /** By id. */
  readonly records: readonly RecordShape[];
  readonly log: readonly Delivery[];
  /** By group. */
  readonly counted: readonly { readonly delivered: number; readonly deadLettered: number }[];
  readonly deaths: number;
  /** Most deliveries that may have been repeated. */
  readonly duplicatesMax: number;
}

/** Throws when a rule is broken. */
export function checkDeliveries(history: DeliveryHistory): void {
  const { records, log, counted, deaths, duplicatesMax } = history;
  for (const [group, { delivered, deadLettered }] of counted.entries()) {
    must(
      delivered + deadLettered === records.length,
      `group ${group} counted ${delivered} + ${deadLettered} of ${records.length}`,
    );
    for (const id of records.keys()) checkAttempts(history, group, id, deadLettered);
    checkOrder(history, group);
  }
  const duplicates = log.length - records.length * counted.length;
  must(duplicates <= duplicatesMax, `${duplicates} duplicates after ${deaths} deaths, allowed ${duplicatesMax}`);
}

/** Throws with a message unless a condition holds. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Handled at least once and at most once per generation, with rising attempts. */
function checkAttempts({ log, deaths }: DeliveryHistory, group: number, id: number, deadLettered: number): void {
  let count = 0;
  let last = 0;
  for (const one of log) {
    if (one.group !== group || one.id !== id) continue;
    count++;
    must(one.attempt > last, `event ${id} of group ${group}: attempt ${one.attempt} after ${last}`);
    last = one.attempt;
  }
  must(count > 0 || deadLettered > 0, `event ${id} never reached group ${group}`);
  must(count <= 1 + deaths, `event ${id} reached group ${group} ${count} times after ${deaths} deaths`);
}

/** A key's deliveries never step back: a redelivery comes before its successors. */
function checkOrder({ records, log }: DeliveryHistory, group: number): void {
  const last = new Map<number, number>();
  for (const one of log) {
    const { lane = 0, key = 0 } = records[one.id] ?? {};
    if (one.group !== group || key === 0) continue;
    const before = last.get(lane * 1000 + key) ?? 0;
    must(one.id >= before, `group ${group} of lane ${lane}, key ${key}: event ${one.id} after ${before}`);
    last.set(lane * 1000 + key, one.id);
  }
}
