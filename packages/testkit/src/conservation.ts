/**
 * The conservation law: whatever a group was given is somewhere.
 * Thread: any.
 */

/** One group's counts. */
export interface GroupCounts {
  readonly name: string;
  readonly published: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly inFlight: number;
}

/** A group for which the law does not hold. */
export interface Imbalance {
  readonly group: string;
  readonly published: number;
  readonly accounted: number;
  readonly message: string;
}

/** What {@link checkConservation} finds. */
export interface Conservation {
  readonly holds: boolean;
  readonly imbalances: readonly Imbalance[];
}

/**
 * Checks `published = delivered + filtered + dropped + deadLettered + inFlight` for each group; a negative or fractional count breaks the
 * law too.
 */
export function checkConservation(ledger: readonly GroupCounts[]): Conservation {
  const imbalances = ledger.map(imbalanceOf).filter((imbalance) => imbalance !== undefined);
  return { holds: imbalances.length === 0, imbalances };
}

/** Throws with the numbers of each group for which the law does not hold. */
export function assertConservation(ledger: readonly GroupCounts[]): void {
  const { imbalances } = checkConservation(ledger);
  if (imbalances.length > 0) throw new Error(imbalances.map((imbalance) => imbalance.message).join('\n'));
}

function imbalanceOf(counts: GroupCounts): Imbalance | undefined {
  const dropped = Object.values(counts.dropped).reduce((sum, count) => sum + count, 0);
  const parts = [
    counts.published,
    counts.delivered,
    counts.filtered,
    counts.deadLettered,
    counts.inFlight,
    ...Object.values(counts.dropped),
  ];
  const accounted = counts.delivered + counts.filtered + dropped + counts.deadLettered + counts.inFlight;
  if (accounted === counts.published && parts.every((part) => Number.isSafeInteger(part) && part >= 0)) return undefined;
  const message =
    `group ${counts.name}: published=${counts.published} but delivered=${counts.delivered} + filtered=${counts.filtered} + dropped=${dropped}` +
    ` + deadLettered=${counts.deadLettered} + inFlight=${counts.inFlight} = ${accounted}`;
  return { group: counts.name, published: counts.published, accounted, message };
}
