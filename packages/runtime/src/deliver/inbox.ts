/**
 * Everything that can arrive at one thread: its in-links, drained in the order and for the time that the lane schedule says.
 * Thread: the consumer's.
 *
 * 1. `pass` looks at every lane once and lets the schedule choose a priority, a few times over.
 * 2. Producers of one priority take turns, some records each, until the time of the choice is used up or their lanes are empty.
 * 3. The schedule is charged what the service took on the clock, so that slow handlers weigh what they cost.
 * 4. What continuations of asynchronous handlers take between turns is charged too, by `Continuations`.
 * 5. Once per turn it tells the coordinator how long the oldest records have waited, and takes over what that has decided.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import { HEADER_TIME_LO_WORD } from '@ringmain/codec';
import { LaneSchedule, NOTHING_WAITS } from '@ringmain/policy';
import {
  ANSWER_LANE,
  LETTER_LANE,
  CELL_BYTES,
  DRAINED,
  RecordKind,
  ThreadCell,
  ThreadWord,
  WEIGHT_UNITS,
  addToCell,
  lanePriority,
  laneProducer,
} from '@ringmain/ring';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import { openCreditWindows } from './credit-windows.ts';
import type { InLane } from './in-link.ts';
import { InLink } from './in-link.ts';
import { scheduleOptions } from './schedule-options.ts';

/** Records that a lane gives before the next producer of its priority has its turn. */
const RECORDS_PER_VISIT = 64;
/** Services per pass; after them the lanes are looked at again. */
const SERVICES_PER_PASS = 8;
/** Words of a frame in front of a record's header. */
const FRAME_WORDS = 2;
const CELL_WORDS = CELL_BYTES / 4;
/** Waits are told in steps of about a millisecond, so that a busy thread seldom writes; shorter ones are none. */
const SOJOURN_MASK = ~1023;

/** Drains up to `max` records of a lane, and none that would begin after `endsUs`; returns how many, or -1 when it must wait. */
export type DrainLane = (lane: InLane, max: number, endsUs: number) => number;

/** The in-links of one thread. */
export class Inbox {
  private links: readonly InLink[] = [];
  private readonly lanes: InLane[][] = [[], [], [], []];
  private answers: InLane[] = [];
  private letters: InLane[] = [];
  private readonly turn = [0, 0, 0, 0];

  private readonly context: ThreadContext;
  private readonly schedule: LaneSchedule;
  /** Word of the thread's first cell. */
  private readonly cells: number;
  /** First word of the thread's block. */
  private readonly words: number;
  private nowUs = 0;
  private readonly toldUs = [-1, -1, -1, -1];
  private isTold = false;
  private controlEpoch: number | undefined;

  constructor(context: ThreadContext) {
    this.context = context;
    this.cells = (context.seed.plan.threads[context.thread]?.cells ?? 0) >> 2;
    this.words = (context.seed.plan.threads[context.thread]?.words ?? 0) >> 2;
    this.schedule = new LaneSchedule(scheduleOptions(context.seed.config));
    context.live.watch(['scheduling'], (config) => {
      this.schedule.configure(scheduleOptions(config));
      // At its next turn the thread looks at the coordinator's weights again, which are kept within those configured now.
      this.controlEpoch = undefined;
    });
  }

  /** Opens the links, with the credit of a number of hosted groups. Once, before anything is drained. */
  open(groups: number): void {
    const windows = openCreditWindows(this.context, groups);
    this.links = windows.map((window, producer) => new InLink(this.context, producer, window));
    this.grant();
  }

  /** Grants credit on every link; once per turn, for what the coordinator decided and for windows that the pool held back. */
  grant(): void {
    this.obey();
    for (const link of this.links) link.grant();
  }

  /** Charges time that a priority took outside of its services. */
  owe(priority: number, us: number): void {
    this.schedule.owe(priority, us);
  }

  /** The scheduling weights in force, by priority. */
  get weights(): readonly number[] {
    return this.schedule.currentWeights;
  }

  /** The link from a producer. */
  link(producer: number): InLink {
    return this.links[producer] as InLink;
  }

  /** Opens lanes that came into use, and counts. Once per turn. */
  refresh(): void {
    this.isTold = false;
    this.count();
    let before = 0;
    let after = 0;
    for (const link of this.links) {
      link.refresh();
      for (const lane of link.lanes) if (lane !== undefined) after++;
    }
    for (const lanes of this.lanes) before += lanes.length;
    if (before + this.answers.length + this.letters.length === after) return;
    const lanesOf = (lane: number): InLane[] => this.links.map(({ lanes }) => lanes[lane]).filter((one) => one !== undefined);
    this.answers = lanesOf(ANSWER_LANE);
    this.letters = lanesOf(LETTER_LANE);
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) this.lanes[priority] = lanesOf(priority);
  }

  /**
   * One pass: looks at all lanes and serves them until nothing waits, everything stalls, or the turn is over.
   *
   * @param endsUs - end of the turn, in microseconds of the runtime
   * @returns the number of records taken; -1 when none was, because lanes stalled
   */
  pass(drain: DrainLane, endsUs: number): number {
    let taken = 0;
    let stalled = 0;
    let waiting = 0;
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) waiting |= this.look(priority);
    let nowUs = runtimeUs(this.context);
    if (!this.isTold) this.tellSojourn(nowUs);
    for (let service = 0; service < SERVICES_PER_PASS; service++) {
      this.nowUs = nowUs;
      const priority = this.schedule.next(waiting & ~stalled, nowUs, this.ageUs);
      if (priority === NOTHING_WAITS) break;
      const count = this.serve(priority, drain, Math.min(endsUs, nowUs + this.schedule.budgetUs));
      const doneUs = runtimeUs(this.context);
      this.schedule.charge(priority, doneUs - nowUs);
      nowUs = doneUs;
      // A priority that must wait holds up no other.
      if (count < 0) stalled |= 1 << priority;
      else taken += count;
      if (nowUs >= endsUs) break;
      waiting = (waiting & ~(1 << priority)) | this.backlog(priority) | this.look(0);
    }
    return stalled !== 0 && taken === 0 ? -1 : taken;
  }

  /**
   * Drains every answer and letter there is, whatever else the thread must wait for: they take no place in the bay, and what it waits for
   * may wait for them. The letter of a delivery comes before its answer: it was sent before, and answers are looked at first.
   *
   * @returns the number taken
   */
  passAnswers(drain: DrainLane): number {
    let taken = 0;
    for (const { ring } of this.answers) ring.refresh();
    for (const lane of this.letters) if (lane.ring.refresh()) taken += drain(lane, Infinity, Infinity);
    for (const lane of this.answers) if (lane.ring.backlogBytes !== 0) taken += drain(lane, Infinity, Infinity);
    return taken;
  }

  /** True when an answer or a letter waits. */
  hasAnswers(): boolean {
    this.refresh();
    return this.answers.some(({ ring }) => ring.refresh()) || this.letters.some(({ ring }) => ring.refresh());
  }

  /** True when a lane holds records, or a lane came into use; the look after arming the bell. */
  hasWork(): boolean {
    if (this.hasAnswers()) return true;
    for (const lanes of this.lanes) {
      for (const lane of lanes) if (lane.ring.refresh()) return true;
    }
    return false;
  }

  /** Tells how long the oldest records of the last look have waited. Once per turn, and before the thread sleeps. */
  tellSojourn(nowUs = runtimeUs(this.context)): void {
    const { atomics, control } = this.context;
    this.isTold = true;
    this.nowUs = nowUs;
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) {
      const sojournUs = this.backlog(priority) === 0 ? 0 : this.ageUs(priority) & SOJOURN_MASK;
      if (sojournUs === this.toldUs[priority]) continue;
      this.toldUs[priority] = sojournUs;
      // Pairs with the load in `SojournWatch`.
      atomics.store(control, this.words + ThreadWord.sojourn + priority, sojournUs);
    }
  }

  /** Every lane that carries events, as of a look at what producers use. */
  eventLanes(): readonly InLane[] {
    this.refresh();
    return this.lanes.flat();
  }

  /** The lane with a number, if it is in use. */
  lane(number: number): InLane | undefined {
    return this.links[laneProducer(number)]?.lanes[lanePriority(number)];
  }

  /** Wakes every producer; used by a successor, which cannot know whether its predecessor did. */
  rouseProducers(): void {
    for (const link of this.links) link.rouse();
  }

  /** Takes over weights and shares of credit when the coordinator has changed any. */
  private obey(): void {
    const { atomics, control } = this.context;
    // Pairs with the store in `ControlWords.announce`: what it announces was written before.
    const epoch = atomics.load(control, this.words + ThreadWord.controlEpoch);
    if (epoch === this.controlEpoch) return;
    this.controlEpoch = epoch;
    for (const link of this.links) link.credit.readShares();
    const weights = this.toldUs.map((_, priority) => atomics.load(control, this.words + ThreadWord.weights + priority));
    this.schedule.setWeights(weights.map((weight) => weight / WEIGHT_UNITS));
  }

  /** Moves what the schedule counted into the thread's cells. Once per turn. */
  private count(): void {
    const { schedule, context } = this;
    if (schedule.criticalCapped !== 0)
      addToCell(context.control, this.cells + ThreadCell.criticalCapped * CELL_WORDS, schedule.criticalCapped);
    if (schedule.aged !== 0) addToCell(context.control, this.cells + ThreadCell.outOfTurn * CELL_WORDS, schedule.aged);
    schedule.criticalCapped = 0;
    schedule.aged = 0;
  }

  /** Serves the producers of a priority in turn; -1 when none could give anything, because lanes stalled. */
  private serve(priority: number, drain: DrainLane, endsUs: number): number {
    const lanes = this.lanes[priority] as InLane[];
    let taken = 0;
    let idle = 0;
    let stalled = false;
    // Lanes in a row that gave nothing: after a round of them there is nothing to have.
    while (idle < lanes.length) {
      const turn = (this.turn[priority] as number) % lanes.length;
      this.turn[priority] = turn + 1;
      const count = drain(lanes[turn] as InLane, RECORDS_PER_VISIT, endsUs);
      if (count > 0) {
        taken += count;
        idle = 0;
        if (runtimeUs(this.context) >= endsUs) break;
      } else {
        stalled ||= count < 0;
        idle++;
      }
    }
    return stalled && taken === 0 ? -1 : taken;
  }

  /** Looks at the lanes of a priority; its bit if one has records. */
  private look(priority: number): number {
    let found = 0;
    for (const { ring } of this.lanes[priority] as InLane[]) if (ring.refresh()) found = 1 << priority;
    return found;
  }

  /** Its bit if a lane of a priority still had records at the last look. */
  private backlog(priority: number): number {
    for (const { ring } of this.lanes[priority] as InLane[]) if (ring.backlogBytes !== 0) return 1 << priority;
    return 0;
  }

  /** How long the oldest head of a priority has waited, in microseconds. */
  private readonly ageUs = (priority: number): number => {
    let oldest = 0;
    for (const { ring } of this.lanes[priority] as InLane[]) {
      const index = ring.next();
      if (index === DRAINED || ring.data[index + 1] !== RecordKind.event) continue;
      oldest = Math.max(oldest, (this.nowUs - (ring.data[index + FRAME_WORDS + HEADER_TIME_LO_WORD] as number)) | 0);
    }
    return oldest;
  };
}
