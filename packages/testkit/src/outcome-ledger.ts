/**
 * What a publisher was told about its events, kept to be compared with what the runtime counted.
 * Thread: any.
 *
 * Most calls say exactly what became of an event. Some do not: an aborted `send` may or may not have been accepted. So each type has two
 * counts, what was published for certain and what may have been; the runtime's count must lie between them.
 */
import type { PublishOutcome } from '@ringmain/core';

/** Figures of one publishing thread; `PublisherMetrics` of ringmain is one. */
export interface PublisherFigures {
  readonly name: string;
  readonly published: number;
  readonly rejected: number;
  readonly staged: number;
  readonly dropped: Readonly<Record<string, number | undefined>>;
  readonly types: Readonly<Record<string, number>>;
}

interface Bounds {
  certain: number;
  possible: number;
}

/** The runtime publishes these itself. */
const OWN_TYPES = 'system.';

/** What one publisher was told. */
export class OutcomeLedger {
  private readonly types = new Map<string, Bounds>();
  private readonly statuses = new Map<PublishOutcome['status'], number>();
  private retries = false;

  /** Notes the outcome of a publish, or of a batch of several types. */
  note(outcome: PublishOutcome, types: readonly string[]): void {
    this.statuses.set(outcome.status, this.told(outcome.status) + 1);
    if (outcome.status === 'rejected') return;
    for (const type of types) this.add(type, 1, 1);
  }

  /** Notes events of a type of which so many were published for certain, and perhaps more. */
  add(type: string, certain: number, possible: number): void {
    const bounds = this.types.get(type) ?? { certain: 0, possible: 0 };
    bounds.certain += certain;
    bounds.possible += possible;
    this.types.set(type, bounds);
  }

  /** Notes that refusals were answered by trying again, out of the publisher's sight; there are more of them than it was told. */
  noteRetries(): void {
    this.retries = true;
  }

  /** Outcomes of one status. */
  told(status: PublishOutcome['status']): number {
    return this.statuses.get(status) ?? 0;
  }

  /**
   * What differs between the ledger and the runtime's figures; empty when they agree.
   *
   * @param unpublished - events that batchers took and could not publish up to the end, of any type
   */
  differences(figures: PublisherFigures, unpublished = 0): string[] {
    const found: string[] = [];
    for (const type of new Set([...this.types.keys(), ...Object.keys(figures.types)])) {
      if (type.startsWith(OWN_TYPES)) continue;
      const { certain, possible } = this.types.get(type) ?? { certain: 0, possible: 0 };
      const counted = Object.hasOwn(figures.types, type) ? (figures.types[type] ?? 0) : 0;
      if (counted >= certain - unpublished && counted <= possible) continue;
      const told = certain === possible ? `${certain}` : `${certain} to ${possible}`;
      found.push(`${figures.name} was told of ${told} events of ${type} but ${counted} were counted`);
    }
    return [...found, ...this.refusals(figures), ...this.drops(figures)];
  }

  private refusals({ name, rejected }: PublisherFigures): string[] {
    const told = this.told('rejected');
    if (this.retries ? rejected >= told : rejected === told) return [];
    return [`${name} was told of ${told} refusals but ${rejected} were counted`];
  }

  /** Drops that a publisher is told of at once. One with the outcome `dropped` is the newest of its type, or older than what waits. */
  private drops({ name, dropped }: PublisherFigures): string[] {
    const counted = (reason: string): number => dropped[reason] ?? 0;
    const told = this.told('dropped');
    const found: string[] = [];
    // Whoever publishes out of sight may be sampled and coalesced too.
    for (const status of ['sampled', 'coalesced'] as const) {
      const wrong = this.retries ? counted(status) < this.told(status) : counted(status) !== this.told(status);
      if (wrong) found.push(`${name} was told of ${this.told(status)} ${status} events but ${counted(status)} were counted`);
    }
    const most = counted('drop-new') + counted('drop-old');
    if (told > most || (!this.retries && told < counted('drop-new')))
      found.push(`${name} was told of ${told} dropped events but ${counted('drop-new')} to ${most} were counted`);
    return found;
  }
}
