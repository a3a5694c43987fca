/**
 * Decides how the permits of one bulkhead are spread over threads that each take some of the work.
 * Pure: the caller reads what threads have, use and want, and sets what is decided. Thread: any; one instance per bulkhead.
 *
 * 1. While no thread wants more than it has, all stays as it is: whoever was busy a moment ago keeps what it will need again.
 * 2. Else max-min fair by demand, which is what a thread uses and wants, or the most of that in the last one or two hold times; each of those that had any has
 *    at least one. With eight times as many permits as threads, the others keep one too, so that they begin at once. Changes of less than an eighth are
 *    not worth making.
 * 3. With fewer permits than threads that have work, each permit goes round: threads that have none wait in the order in which they began to, and after a hold
 *    time take the permit that has been longest at its place, once that is a hold time too. A thread that has nothing to do gives its permit up at once.
 * Invariant: the targets add up to at most the total, and threads that are absent get none.
 * Bound: of T threads with work and P < T permits, each begins something every ceil(T / P) hold times, looks and calls at the latest.
 */
import { maxMinShares } from './max-min-shares.ts';

/** What one look found of a thread. */
export interface LeaseReading {
  /** False where there is no such thread now. */
  readonly present: boolean;
  readonly quota: number;
  readonly inUse: number;
  /** Deliveries that would begin at once with a larger quota. */
  readonly wanted: number;
}

/** A share that changes by less than this part stays. */
const CHANGE_MIN = 1 / 8;
/** With so many permits for each thread, also those that have no work keep one. */
const SPARE_PART = 8;

/** Permits of one bulkhead. */
export class PermitLeases {
  private total: number;
  private holdUs: number;
  /** Most that each thread used and wanted in this hold time, and in the one before. */
  private readonly peaks: number[];
  private readonly peaksBefore: number[];
  private peaksUs: number | undefined;
  private readonly quotas: number[];
  /** When each thread last got a permit, having had none. */
  private readonly sinceUs: number[];
  /** Since when each thread has none and wants one; Infinity for those that do not. */
  private readonly lackingUs: number[];

  /**
   * @param threads - how many there can be
   * @param total - permits, from 1
   * @param holdUs - how long a thread keeps its last permit while others have none
   */
  constructor(threads: number, total: number, holdUs: number) {
    const zeros = (): number[] => Array.from({ length: threads }, () => 0);
    this.total = total;
    this.holdUs = holdUs;
    this.peaks = zeros();
    this.peaksBefore = zeros();
    this.quotas = zeros();
    this.sinceUs = zeros();
    this.lackingUs = zeros().fill(Infinity);
  }

  /** Takes another total and hold time from the next look on. */
  configure(total: number, holdUs: number): void {
    this.total = total;
    this.holdUs = holdUs;
  }

  /**
   * Takes one look at all threads.
   *
   * @returns the quota that each shall have
   */
  plan(readings: readonly LeaseReading[], nowUs: number): readonly number[] {
    this.follow(readings, nowUs);
    const current = readings.map(({ present, quota }) => (present ? quota : 0));
    const isSpread = sumOf(readings.map(({ quota }) => quota)) === this.total && sumOf(current) === this.total;
    if (isSpread && !isContended(readings)) return current;
    const targets = this.divide(readings, current, nowUs);
    const isWorth = current.some((quota, thread) => (targets[thread] as number) - quota > quota * CHANGE_MIN);
    return isSpread && !isWorth ? current : targets;
  }

  private divide(readings: readonly LeaseReading[], current: readonly number[], nowUs: number): number[] {
    const present = threadsOf(readings, ({ present: isThere }) => isThere);
    if (present.length * SPARE_PART <= this.total) return this.share(present, current);
    const active = present.filter((thread) => this.demandOf(thread) > 0);
    // Nobody has work: all alike, as far as there are permits.
    if (active.length === 0) return this.share(firstOf(current, present, this.total), current);
    if (active.length <= this.total) return this.share(active, current);
    const busy = threadsOf(readings, ({ present: isThere, inUse, wanted }) => isThere && inUse + wanted > 0);
    return busy.length <= this.total ? this.share(busy, current) : this.rotate(readings, current, nowUs);
  }

  /** Max-min fair over some threads, of which there are no more than permits; the others get none. */
  private share(threads: readonly number[], current: readonly number[]): number[] {
    const targets = current.map(() => 0);
    const demands = threads.map((thread) => this.demandOf(thread));
    const floors = threads.map(() => 1);
    const shares = threads.length === 0 ? [] : maxMinShares(this.total, demands, floors, []);
    for (const [index, thread] of threads.entries()) targets[thread] = shares[index] as number;
    return targets;
  }

  /** One permit each for some of those that have work. */
  private rotate(readings: readonly LeaseReading[], current: readonly number[], nowUs: number): number[] {
    const byAge = (ages: readonly number[]) => (one: number, other: number) => (ages[one] as number) - (ages[other] as number);
    // One whose permit was taken away while it runs something waits when that has ended.
    const isWaiting = ({ present, quota, inUse, wanted }: LeaseReading): boolean => present && quota + inUse === 0 && wanted > 0;
    const waiting = threadsOf(readings, isWaiting).toSorted(byAge(this.lackingUs));
    // The one that has it longest is the first to give it up.
    const holders = threadsOf(
      readings,
      ({ present, quota, inUse, wanted }) => present && quota > 0 && inUse + wanted > 0,
    ).toSorted(byAge(this.sinceUs));
    const isOver = (ages: readonly number[], thread: number): boolean => nowUs - (ages[thread] as number) >= this.holdUs;
    const targets = current.map(() => 0);
    const kept = holders.slice(Math.max(0, holders.length - this.total));
    let free = this.total - kept.length;
    for (const thread of waiting) {
      const [oldest] = kept;
      if (free > 0) free--;
      else if (oldest !== undefined && isOver(this.sinceUs, oldest) && isOver(this.lackingUs, thread)) kept.shift();
      else break;
      targets[thread] = 1;
    }
    for (const thread of kept) targets[thread] = 1;
    return targets;
  }

  /** The most that a thread used and wanted lately. */
  private demandOf(thread: number): number {
    return Math.max(this.peaks[thread] as number, this.peaksBefore[thread] as number);
  }

  private follow(readings: readonly LeaseReading[], nowUs: number): void {
    this.peaksUs ??= nowUs;
    const isOver = nowUs - this.peaksUs >= this.holdUs;
    if (isOver) this.peaksUs = nowUs;
    for (const [thread, { quota, inUse, wanted }] of readings.entries()) {
      if (isOver) {
        this.peaksBefore[thread] = this.peaks[thread] as number;
        this.peaks[thread] = 0;
      }
      this.peaks[thread] = Math.max(this.peaks[thread] as number, inUse + wanted);
      if (quota > 0 && this.quotas[thread] === 0) this.sinceUs[thread] = nowUs;
      this.quotas[thread] = quota;
      if (quota > 0 || wanted === 0) this.lackingUs[thread] = Infinity;
      else this.lackingUs[thread] = Math.min(this.lackingUs[thread] as number, nowUs);
    }
  }
}

/** True when a thread wants more than it has. */
export function isContended(readings: readonly LeaseReading[]): boolean {
  return readings.some(({ present, quota, inUse, wanted }) => present && wanted > 0 && inUse >= quota);
}

function threadsOf(readings: readonly LeaseReading[], isOne: (reading: LeaseReading) => boolean): number[] {
  return readings.flatMap((reading, thread) => (isOne(reading) ? [thread] : []));
}

/** Those that have permits first. */
function firstOf(current: readonly number[], threads: readonly number[], count: number): number[] {
  return threads.toSorted((one, other) => Number(current[other] !== 0) - Number(current[one] !== 0)).slice(0, count);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
