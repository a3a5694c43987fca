/**
 * Decides which priority a consumer serves next and for how long, in measured time: a handler of 5 ms weighs fifty times one of 100 us.
 * Pure: the caller says what time it is, what waits and how long a service took. Thread: any; one instance per consumer thread.
 *
 * 1. Critical comes first while it has credit. Credit grows with time, at `criticalShareMax` of it, up to a burst; so critical takes at most that
 *    share of a busy thread, and a bug in a critical publisher cannot take all of it. With nothing else waiting it needs no credit.
 * 2. A head that waited longer than its priority's `maxWaitUs` is served next, at most once in `agedIntervalUs` and on credit of one quantum: under
 *    lasting overload every head is old, and weights must still decide.
 * 3. The others by deficit round robin: each visit grants `weight * quantumUs`; what a service overdraws is paid back before the next one.
 * 4. Time that a priority takes outside of its services, {@link LaneSchedule.owe}, is paid back in the same way, so much of it between two services as
 * `owedMaxUs` allows: it is known less well whose it is, and nobody shall wait for ever because of others.
 * Invariant: while a priority waits, it is served within {@link LaneSchedule.waitBoundUs}, whatever the others do and whatever weights were set
 * meanwhile: the bound reckons with the largest weights of the others, and with the configured one of who waits. Time outside of services is not in it.
 * Source: Shreedhar and Varghese, "Efficient fair queueing using deficit round robin" (1995); differs in: services may overdraw, as in surplus round
 * robin, since a handler cannot be interrupted.
 */

/** Options of a {@link LaneSchedule}; lists stand in the order critical, high, normal, low. */
export interface LaneScheduleOptions {
  /** Shares of high, normal and low; critical's entry is not used. Integers from 1. */
  readonly weights: readonly [number, number, number, number];
  /**
   * How far {@link LaneSchedule.setWeights} may raise a weight, as a factor from 1.
   *
   * @defaultValue 1
   */
  readonly weightGrowthMax?: number;
  /** Service of weight 1 per visit, in microseconds. */
  readonly quantumUs: number;
  /** Largest share of a busy thread that critical takes while others wait, from 0 (exclusive) to 1. */
  readonly criticalShareMax: number;
  /** Time critical may take at once after a quiet while, in microseconds. */
  readonly criticalBurstUs: number;
  /** Wait after which a head is served out of turn, in microseconds. */
  readonly maxWaitUs: readonly [number, number, number, number];
  /** Shortest time between two services out of turn, in microseconds. */
  readonly agedIntervalUs: number;
  /**
   * Most time that a priority may come to owe by {@link LaneSchedule.owe} between two of its services, in microseconds.
   *
   * @defaultValue {@link OWED_MAX_US}
   */
  readonly owedMaxUs?: number;
}

/** Most time outside of services that is charged between two of them, unless the options say otherwise. */
export const OWED_MAX_US = 50_000;

/** Nothing waits. */
export const NOTHING_WAITS = -1;

const PRIORITIES = 4;
const CRITICAL = 0;
const LOWEST = PRIORITIES - 1;

/** Schedule of one consumer thread. */
export class LaneSchedule {
  /** Time that the priority which {@link LaneSchedule.next} chose may use, in microseconds. */
  budgetUs = 0;
  /** Times that critical had to wait for its credit. */
  criticalCapped = 0;
  /** Services out of turn. */
  aged = 0;

  private options: LaneScheduleOptions;
  private growthMax = 1;
  private readonly weights: number[];
  private readonly deficits = [0, 0, 0, 0];
  /** What {@link LaneSchedule.owe} charged since the last service. */
  private readonly owed = [0, 0, 0, 0];
  /** The priority whose visit it is, and whether it was granted its quantum. */
  private visiting = 1;
  private granted = false;
  private credit: number;
  private creditedUs: number | undefined;
  private lastAgedUs = -Infinity;

  constructor(options: LaneScheduleOptions) {
    this.options = options;
    this.weights = [...options.weights];
    this.credit = options.criticalBurstUs;
    this.configure(options);
  }

  /**
   * Takes other options from now on, with their weights. Nobody is granted or owes anything then: in quanta of other sizes it would mean something else.
   *
   * @param options - all of them, also those that stay as they are
   */
  configure(options: LaneScheduleOptions): void {
    this.options = options;
    this.growthMax = options.weightGrowthMax ?? 1;
    for (const [priority, weight] of options.weights.entries()) this.weights[priority] = weight;
    this.deficits.fill(0);
    this.owed.fill(0);
    this.granted = false;
    this.credit = Math.min(this.credit, options.criticalBurstUs);
  }

  /**
   * Chooses.
   *
   * @param waiting - bit mask of the priorities that have records, critical is bit 0
   * @param nowUs - present time; never goes back
   * @param ageUs - how long the oldest record of a priority has waited
   * @returns the priority to serve for {@link LaneSchedule.budgetUs}, or {@link NOTHING_WAITS}
   */
  next(waiting: number, nowUs: number, ageUs: (priority: number) => number): number {
    if (waiting === 0) return NOTHING_WAITS;
    const { options } = this;
    this.accrue(nowUs);
    if ((waiting & 1) !== 0) {
      const alone = waiting === 1;
      if (alone || this.credit > 0) {
        this.budgetUs = alone ? options.criticalBurstUs : this.credit;
        return CRITICAL;
      }
      this.criticalCapped++;
    }
    const old = this.oldest(waiting, nowUs, ageUs);
    if (old !== NOTHING_WAITS) return old;
    return this.visit(waiting & ~1);
  }

  /**
   * Sets other weights from now on.
   *
   * @param weights - in the order of the priorities, fractions allowed; each is kept between the configured one and `weightGrowthMax` times it
   */
  setWeights(weights: readonly number[]): void {
    for (let priority = 1; priority < PRIORITIES; priority++) {
      const configured = this.options.weights[priority] as number;
      this.weights[priority] = Math.min(configured * this.growthMax, Math.max(configured, weights[priority] as number));
    }
  }

  /** The weights in force. */
  get currentWeights(): readonly number[] {
    return this.weights;
  }

  /** Says how long the chosen priority was served. */
  charge(priority: number, usedUs: number): void {
    this.owed[priority] = 0;
    if (priority === CRITICAL) {
      this.credit -= usedUs;
      return;
    }
    const left = (this.deficits[priority] as number) - usedUs;
    this.deficits[priority] = left;
    if (priority === this.visiting && left <= 0) this.moveOn();
  }

  /**
   * Charges time that a priority took outside of its services, as far as it may come to owe any more before its next one. What critical owes beyond its
   * credit is at most its burst.
   */
  owe(priority: number, usedUs: number): void {
    if (priority === CRITICAL) {
      this.credit = Math.min(this.credit, Math.max(this.credit - usedUs, -this.options.criticalBurstUs));
      return;
    }
    const before = this.owed[priority] as number;
    const owed = Math.min(this.options.owedMaxUs ?? OWED_MAX_US, before + usedUs);
    this.owed[priority] = owed;
    this.deficits[priority] = (this.deficits[priority] as number) - (owed - before);
  }

  /**
   * Longest time between two services of a waiting priority other than critical, in microseconds, while no handler takes longer than `handlerUs`. Time
   * that passes outside of services comes on top.
   *
   * With Q the quantum of a priority (weight times `quantumUs`), Q' the same with its largest weight, M the longest handler, O what it owes for time
   * outside of services, and B the burst of critical: a priority owes at most `Q' + quantumUs + M + O`, so it is served after `1 + ceil(debt / Q)` rounds;
   * in each of them every other priority takes `Q' + M`, and once in between its own debt; critical takes B, one handler, and its share of everything.
   *
   * @param owedUs - most that is charged by {@link LaneSchedule.owe} between two services; 0 when nothing ever is
   */
  waitBoundUs(priority: number, handlerUs: number, owedUs = 0): number {
    const { quantumUs, criticalShareMax, criticalBurstUs, owedMaxUs = OWED_MAX_US } = this.options;
    const quantum = (which: number): number => (this.options.weights[which] as number) * quantumUs;
    const debtOf = (which: number): number => quantum(which) * this.growthMax + quantumUs + handlerUs;
    const rounds = 1 + Math.ceil((debtOf(priority) + Math.min(owedUs, owedMaxUs)) / quantum(priority));
    let othersUs = 0;
    for (let other = 1; other < PRIORITIES; other++) {
      if (other !== priority) othersUs += rounds * (quantum(other) * this.growthMax + handlerUs) + debtOf(other);
    }
    return (othersUs + criticalBurstUs + handlerUs) / (1 - criticalShareMax);
  }

  private accrue(nowUs: number): void {
    const { criticalShareMax, criticalBurstUs } = this.options;
    const elapsed = nowUs - (this.creditedUs ?? nowUs);
    this.creditedUs = nowUs;
    this.credit = Math.min(criticalBurstUs, this.credit + elapsed * criticalShareMax);
  }

  private oldest(waiting: number, nowUs: number, ageUs: (priority: number) => number): number {
    const { maxWaitUs, agedIntervalUs, quantumUs } = this.options;
    if (nowUs - this.lastAgedUs < agedIntervalUs) return NOTHING_WAITS;
    let found = NOTHING_WAITS;
    let worst = 1;
    for (let priority = 1; priority < PRIORITIES; priority++) {
      if ((waiting & (1 << priority)) === 0 || (this.deficits[priority] as number) <= -this.quantumOf(priority)) continue;
      const overdue = ageUs(priority) / (maxWaitUs[priority] as number);
      if (overdue > worst) {
        worst = overdue;
        found = priority;
      }
    }
    if (found === NOTHING_WAITS) return NOTHING_WAITS;
    this.lastAgedUs = nowUs;
    this.aged++;
    this.budgetUs = quantumUs;
    return found;
  }

  private visit(waiting: number): number {
    if (waiting === 0) {
      // Only critical waits and has no credit, which `next` lets through when it is alone.
      this.budgetUs = this.options.quantumUs;
      return CRITICAL;
    }
    this.payBack(waiting);
    for (;;) {
      const priority = this.visiting;
      if ((waiting & (1 << priority)) === 0) {
        // Nothing is saved for later by a priority that has nothing to serve; what it owes it still owes.
        this.deficits[priority] = Math.min(0, this.deficits[priority] as number);
        this.moveOn();
        continue;
      }
      if (!this.granted) {
        this.granted = true;
        this.deficits[priority] = (this.deficits[priority] as number) + this.quantumOf(priority);
      }
      if ((this.deficits[priority] as number) > 0) {
        this.budgetUs = this.deficits[priority] as number;
        return priority;
      }
      this.moveOn();
    }
  }

  /** Grants at once all the rounds that would pass before anyone who waits could be served; a debt of seconds would take thousands. */
  private payBack(waiting: number): void {
    let rounds = Infinity;
    for (let priority = 1; priority < PRIORITIES; priority++) {
      if ((waiting & (1 << priority)) === 0) continue;
      rounds = Math.min(rounds, Math.floor(-(this.deficits[priority] as number) / this.quantumOf(priority)));
    }
    if (rounds <= 0) return;
    for (let priority = 1; priority < PRIORITIES; priority++) {
      if ((waiting & (1 << priority)) === 0) continue;
      this.deficits[priority] = (this.deficits[priority] as number) + rounds * this.quantumOf(priority);
    }
  }

  private quantumOf(priority: number): number {
    return (this.weights[priority] as number) * this.options.quantumUs;
  }

  private moveOn(): void {
    this.granted = false;
    this.visiting = this.visiting === LOWEST ? 1 : this.visiting + 1;
  }
}
