/**
 * Counts what publishes were answered, by the names the answers carry: an outcome that this file has never heard of is counted
 * under its own name.
 * Thread: any.
 */

/** What every answer of `publish` has in common. */
export interface LoadOutcome {
  readonly status: string;
  /** True when the event is the runtime's to deliver. */
  readonly accepted: boolean;
  /** Why not, where the answer says so. */
  readonly reason?: string;
}

interface Count {
  readonly name: string;
  count: number;
}

/** Counts by status, and the reasons of refusals. */
export class OutcomeCounts {
  private readonly statuses = new Map<string, Count>();
  private readonly refusals = new Map<string, Count>();
  /** The last status counted, which most often is the next one, too. */
  private last: Count | undefined;
  private attempts = 0;
  private taken = 0;

  /** Publishes counted. */
  get total(): number {
    return this.attempts;
  }

  /** Of these, events the runtime took. */
  get accepted(): number {
    return this.taken;
  }

  /** Counts one answer. */
  add(outcome: LoadOutcome): void {
    this.attempts += 1;
    if (outcome.accepted) this.taken += 1;
    else if (outcome.reason !== undefined) counterOf(this.refusals, outcome.reason).count += 1;
    if (this.last?.name !== outcome.status) this.last = counterOf(this.statuses, outcome.status);
    this.last.count += 1;
  }

  /** Adds what another counted. */
  addAll(other: OutcomeCounts): void {
    this.attempts += other.attempts;
    this.taken += other.taken;
    for (const { name, count } of other.statuses.values()) counterOf(this.statuses, name).count += count;
    for (const { name, count } of other.refusals.values()) counterOf(this.refusals, name).count += count;
  }

  /** Publishes answered with this status so far. */
  of(status: string): number {
    return this.statuses.get(status)?.count ?? 0;
  }

  /** All counts by status, in the order in which the statuses were first seen. */
  byStatus(): Record<string, number> {
    return record(this.statuses);
  }

  /** Refusals by reason. */
  reasons(): Record<string, number> {
    return record(this.refusals);
  }
}

function counterOf(counts: Map<string, Count>, name: string): Count {
  let entry = counts.get(name);
  if (entry === undefined) {
    entry = { name, count: 0 };
    counts.set(name, entry);
  }
  return entry;
}

function record(counts: ReadonlyMap<string, Count>): Record<string, number> {
  return Object.fromEntries([...counts.values()].map(({ name, count }) => [name, count]));
}

/** What was counted between two readings of `byStatus`. */
export function countsBetween(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}
