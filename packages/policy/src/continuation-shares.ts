/**
 * Divides time that a thread worked on nobody knows what among the priorities whose asynchronous deliveries were under way: which of their continuations
 * ran is not told by the platform.
 * Pure: the caller says how long it was and what was under way. Thread: any; one instance per consumer thread.
 *
 * 1. A delivery of each priority is expected to take a certain time of a stretch, and an eighth of that if it neither began nor ended there: most that stay
 *    under way only wait. A stretch is divided in proportion to what all were expected to take; at first each as much as any other.
 * 2. What a priority was given corrects what is expected of it. So one that only waits is soon expected to take next to nothing: in stretches with less of
 *    the one that computes, there is less to divide.
 * Invariant: the parts of a stretch add up to it; a priority with nothing under way gets none.
 * Source: Shepp and Vardi, "Maximum likelihood reconstruction for emission tomography" (1982), which divides counts among sources in this way; differs in:
 * one observation at a time, and what is expected is forgotten slowly.
 */

const PRIORITIES = 4;
/** How much the last stretch counts against those before it. */
const LEARNING = 1 / 8;
/** How much a delivery counts that neither began nor ended in a stretch. */
const STAYING = 1 / 8;
/** Least time that a delivery is expected to take, in microseconds, so that one that begins to compute is found out. */
const EXPECTED_MIN_US = 0.1;

/** Time of continuations by priority. */
export class ContinuationShares {
  /** After {@link ContinuationShares.divide}: the part of each priority, in microseconds. */
  readonly partsUs = [0, 0, 0, 0];

  private readonly expectedUs = [1, 1, 1, 1];
  /** Deliveries under way, each with what it counts. */
  private readonly counted = [0, 0, 0, 0];

  /**
   * Divides a stretch.
   *
   * @param activeUs - its length
   * @param underWay - deliveries that were under way in it, by priority; at least one
   * @param moved - those of them that began shortly before or in it, or ended in it; more than were under way count as all
   */
  divide(activeUs: number, underWay: readonly number[], moved: readonly number[]): void {
    const { partsUs, expectedUs, counted } = this;
    let expected = 0;
    for (let priority = 0; priority < PRIORITIES; priority++) {
      const all = underWay[priority] as number;
      const moving = Math.min(all, moved[priority] as number);
      counted[priority] = moving + (all - moving) * STAYING;
      expected += (expectedUs[priority] as number) * (counted[priority] as number);
    }
    for (let priority = 0; priority < PRIORITIES; priority++) {
      const deliveries = counted[priority] as number;
      const each = expectedUs[priority] as number;
      partsUs[priority] = deliveries === 0 ? 0 : (activeUs * each * deliveries) / expected;
      if (deliveries === 0) continue;
      const told = (partsUs[priority] as number) / deliveries;
      expectedUs[priority] = Math.max(EXPECTED_MIN_US, each + LEARNING * (told - each));
    }
  }
}
