/**
 * Checks deliveries against what was published: loss, duplicates, strangers, and first-in first-out per key.
 * Thread: any.
 */

/** A delivery that came too early or too late. */
export interface Disorder {
  readonly key: string;
  readonly sequence: number;
  /** The latest sequence of the key that had been delivered before it. */
  readonly after: number;
}

/** What {@link OrderChecker.report} counts. */
export interface OrderReport {
  readonly published: number;
  /** Events delivered at least once. */
  readonly delivered: number;
  /** Deliveries beyond the first of each event. */
  readonly duplicates: number;
  /** Most deliveries of one event. */
  readonly deliveriesMax: number;
  /** Published and never delivered, as `key:sequence`. */
  readonly lost: readonly string[];
  /** Delivered and never published, as `key:sequence`. */
  readonly strangers: readonly string[];
  readonly disorders: readonly Disorder[];
}

/**
 * Collects publishes and deliveries of one group. Sequences are unique within a key and published in rising order.
 *
 * An event is in order when every earlier event of its key was delivered before its own first delivery. A repeated delivery is counted and
 * is in order when it repeats the latest delivery, or runs on from another repetition, as after a crash.
 */
export class OrderChecker {
  private readonly keys = new Map<string, KeyHistory>();
  private readonly disorders: Disorder[] = [];
  private readonly strangers: string[] = [];

  /** An event was accepted. */
  published(key: string | number, sequence: number): void {
    this.historyOf(key).published.push(sequence);
  }

  /** An event reached the handler. */
  delivered(key: string | number, sequence: number): void {
    const history = this.historyOf(key);
    const before = history.counts.get(sequence) ?? 0;
    history.counts.set(sequence, before + 1);
    const expected = history.published[history.next];
    if (before === 0 && sequence === expected) {
      history.next++;
    } else if (!history.published.includes(sequence)) {
      this.strangers.push(`${key}:${sequence}`);
    } else if (before === 0 || (history.latest !== sequence && !history.follows(sequence))) {
      this.disorders.push({ key: String(key), sequence, after: history.latest });
      if (before === 0) history.next = history.published.indexOf(sequence) + 1;
    }
    history.latest = sequence;
  }

  /** Counts everything so far; events still under way count as lost. */
  report(): OrderReport {
    const histories = [...this.keys];
    const counts = histories.flatMap(([, history]) => history.published.map((sequence) => history.counts.get(sequence) ?? 0));
    const lost = histories.flatMap(([key, history]) =>
      history.published.filter((sequence) => !history.counts.has(sequence)).map((sequence) => `${key}:${sequence}`),
    );
    return {
      published: counts.length,
      delivered: counts.length - lost.length,
      duplicates: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
      deliveriesMax: Math.max(0, ...counts),
      lost,
      strangers: this.strangers,
      disorders: this.disorders,
    };
  }

  private historyOf(key: string | number): KeyHistory {
    const name = String(key);
    let history = this.keys.get(name);
    if (history === undefined) this.keys.set(name, (history = new KeyHistory()));
    return history;
  }
}

/** What happened to one key. */
class KeyHistory {
  readonly published: number[] = [];
  readonly counts = new Map<number, number>();
  /** Index in `published` of the first event not yet delivered in order. */
  next = 0;
  latest = -1;

  /** True when `sequence` is the one published right after the latest delivery. */
  follows(sequence: number): boolean {
    return this.published[this.published.indexOf(this.latest) + 1] === sequence;
  }
}
