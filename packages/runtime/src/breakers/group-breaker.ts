/**
 * The circuit breaker of one group over all threads: reads what they tell of their calls, has the policy decide, and sets their gates.
 *
 * Thread: the coordinator, or the main thread where it hosts the handlers: the only one that decides.
 * 1. What ended since the last look is one lot for the window. What ran for too long is found by when the oldest call began, which a thread that is blocked
 *    said before it was. Calls of an earlier round count for nothing.
 * 2. A probe that began and did not come back within its lease is lost; its thread may have died.
 * 3. One that was leased and not taken stays with its thread, whose next event may come at any time, until another asks for a probe and none is left. That
 *    begins a new round, once all that were taken have come back: those count on, so that a try has no more probes than it was given. While rounds end with
 *    nothing tried, each lasts twice as long as the one before: so one is longer than the time between two events of a thread, and nobody waits for
 *    longer than the try has lasted.
 * 4. Every change of the gates is followed by a ring, so that threads which sleep see it.
 * Invariant: gates say what the policy says when `look` returns.
 */
import type { BreakerState, BreakerTransition, CallCounts, CircuitBreakerOptions, ProbeCounts } from '@ringmain/policy';
import { BREAKER_COMMANDS, BREAKER_STATES, CircuitBreaker } from '@ringmain/policy';
import type { CallWords } from '@ringmain/ring';
import { BreakerBoard, BreakerBoardWord, GateMode } from '@ringmain/ring';
import type { BreakerGroup, BreakerRules } from '../breaker-groups.ts';
import type { ThreadContext } from '../thread-context.ts';

/** What the breakers of a runtime have in common. */
export interface BreakerParts {
  readonly context: ThreadContext;
  /** Numbers of the threads that run the groups. */
  readonly threads: readonly number[];
  /** Whether there is a thread of a number. */
  readonly isPresent: (thread: number) => boolean;
  /** Wakes a thread that may sleep. */
  readonly rouse: (thread: number) => void;
  readonly random: () => number;
  /** Told of every change. */
  readonly onTransition: (group: string, transition: BreakerTransition) => void;
}

interface Progress {
  word: number;
  sinceUs: number;
}

const RATE_UNITS = 1000;
const US_PER_MS = 1000;
/** Far more than rounds that last twice as long each could be. */
const IDLE_ROUNDS_MAX = 30;
/** What a low word can tell, less a minute for clocks that are not read at the same time. */
const RUN_MAX_US = 2 ** 32 - 60_000_000;

/** Breaker of one group. */
export class GroupBreaker {
  readonly name: string;

  private readonly parts: BreakerParts;
  private readonly number: number;
  private readonly policy: CircuitBreaker;
  private readonly board: BreakerBoard;
  private rules: BreakerRules;
  private readonly counted: CallWords[];
  private readonly progress: Progress[];
  /** Probes that came back in earlier rounds of this try. */
  private carried = { good: 0, bad: 0 };
  /** Rounds of this try, one after another, in which no probe was taken. */
  private idleRounds = 0;
  /** True while it may be found soon that a probe is lost, or that one is not taken. */
  private timesProbes = false;
  /** Beginning of the round: calls that began before it are not looked at. */
  private roundUs = 0;

  constructor(parts: BreakerParts, { number, name, rules }: BreakerGroup, nowUs: number) {
    const { context, threads } = parts;
    const { plan } = context.seed;
    this.name = name;
    this.parts = parts;
    this.number = number;
    this.rules = rules;
    this.policy = new CircuitBreaker(policyOptions(rules), parts.random);
    const bases = threads.map((thread) => ((plan.threads[thread]?.breakers ?? 0) >> 2) + number);
    this.board = new BreakerBoard(context.atomics, context.control, bases);
    this.counted = threads.map((_, index) => this.board.calls(index));
    this.progress = threads.map(() => ({ word: 0, sinceUs: nowUs }));
    this.resume(nowUs);
  }

  /** Takes other options from now on. */
  configure(rules: BreakerRules): void {
    this.rules = rules;
    this.policy.configure(policyOptions(rules));
  }

  /**
   * Looks at what threads tell, and decides.
   *
   * @returns true while it is worth another look soon, even if nothing is told
   */
  look(nowUs: number): boolean {
    const { policy } = this;
    const command = BREAKER_COMMANDS[this.read(BreakerBoardWord.command)] ?? 'auto';
    // What ended before a command belongs to the time before it.
    this.apply(policy.observe(this.lot(), nowUs), nowUs);
    this.apply(policy.obey(command, nowUs), nowUs);
    const runs = this.watchRunning(nowUs);
    if (policy.state === 'half-open') {
      this.apply(policy.probed(this.probeCounts(nowUs), nowUs), nowUs);
      if (this.state === 'half-open') this.lease();
    }
    this.apply(policy.tick(nowUs), nowUs);
    if (this.state === 'half-open') this.lease();
    this.tell(policy.totals(nowUs));
    const { state } = policy;
    return runs || state === 'open' || state === 'ramp' || (state === 'half-open' && this.timesProbes);
  }

  /** Probes of this try that could be leased. */
  private get probesLeft(): number {
    const { policy, board, carried } = this;
    return policy.probes - carried.good - carried.bad - board.leased;
  }

  /** Whether the thread at a place takes part. */
  private readonly isPresent = (index: number): boolean => this.parts.isPresent(this.parts.threads[index] as number);

  /** Read anew: every step of a look may change it. */
  private get state(): BreakerState {
    return this.policy.state;
  }

  private resume(nowUs: number): void {
    const word = this.read(BreakerBoardWord.state);
    const command = BREAKER_COMMANDS[this.read(BreakerBoardWord.command)] ?? 'auto';
    this.policy.resume(BREAKER_STATES[word - 1] ?? 'closed', command, nowUs);
    // Leases of a predecessor are void, and so is what began under it.
    this.setGates(this.policy.state, true, nowUs);
    this.tell(this.policy.totals(nowUs));
  }

  private apply(transition: BreakerTransition | undefined, nowUs: number): void {
    if (transition === undefined) return;
    const { to, openUs } = transition;
    if (to === 'open') {
      this.write(BreakerBoardWord.opened, (this.read(BreakerBoardWord.opened) + 1) | 0);
      this.write(BreakerBoardWord.openMs, Math.round(openUs / US_PER_MS));
    }
    // One that only measures changes nothing.
    const isChange = transition.from !== to;
    this.carried = { good: 0, bad: 0 };
    this.idleRounds = 0;
    if (isChange || to === 'ramp') this.setGates(to, to === 'open' || to === 'isolated' || to === 'half-open', nowUs);
    // Before anybody is told: whoever is finds figures that belong to the new state.
    this.tell(this.policy.totals(nowUs));
    if (isChange || to === 'metrics-only') this.parts.onTransition(this.name, transition);
  }

  private setGates(state: BreakerState, isNew: boolean, nowUs: number): void {
    const { parts, board, policy } = this;
    if (isNew) this.roundUs = nowUs;
    for (const progress of this.progress) Object.assign(progress, { word: 0, sinceUs: nowUs });
    // Before the gates, so that whoever finds one shut finds out why.
    this.write(BreakerBoardWord.state, BREAKER_STATES.indexOf(state) + 1);
    board.set(modeOf(state), state === 'ramp' ? policy.rampPercent : 0, isNew);
    for (const thread of parts.threads) if (parts.isPresent(thread)) parts.rouse(thread);
  }

  /** Calls that ended since the last look. */
  private lot(): CallCounts {
    let [calls, failed, slow, bad] = [0, 0, 0, 0];
    for (const [index, before] of this.counted.entries()) {
      const now = this.board.calls(index);
      calls += (now.calls - before.calls) | 0;
      failed += (now.failed - before.failed) | 0;
      slow += (now.slow - before.slow) | 0;
      bad += (now.bad - before.bad) | 0;
      this.counted[index] = now;
    }
    return { calls, failed, slow, bad };
  }

  /** Looks for a call that runs for too long; true while any runs. */
  private watchRunning(nowUs: number): boolean {
    const { parts, board, policy, rules } = this;
    let runs = false;
    for (const [index, thread] of parts.threads.entries()) {
      const startedUs = board.running(index);
      if (startedUs === 0 || !parts.isPresent(thread)) continue;
      runs = true;
      const ranUs = ranFor(startedUs, nowUs);
      // The lowest bit of a start is always set.
      const isOfRound = nowUs - ranUs >= this.roundUs - 1;
      if (rules.hangAfterMs === 0 || !isOfRound || ranUs <= rules.hangAfterMs * US_PER_MS) continue;
      this.apply(policy.hung(nowUs), nowUs);
    }
    return runs;
  }

  /** How the probes of this round went. Begins a new round when one that was leased is not taken, and others want it. */
  private probeCounts(nowUs: number): ProbeCounts {
    const { board, rules, carried } = this;
    const limitUs = rules.probeMs * US_PER_MS;
    // A call that ends before it is slow ends well: so long, at least, no probe is lost that may still come back. One that takes longer has failed anyway.
    const slowAfterUs = Math.max(rules.probeMs, rules.slowMs) * US_PER_MS;
    this.timesProbes = false;
    let [good, bad, lost, untakenUs, under] = [0, 0, 0, 0, 0];
    for (const [index, progress] of this.progress.entries()) {
      // Read first: a call says how it ended before it says that it no longer runs.
      const mayReturn = this.isPresent(index) && board.running(index) !== 0;
      const report = board.report(index);
      good += report.good;
      bad += report.bad;
      const returned = report.good + report.bad;
      under += report.taken - returned;
      const word = (report.leased << 16) | (report.taken << 8) | returned;
      if (word !== progress.word) Object.assign(progress, { word, sinceUs: nowUs });
      if (report.leased === returned) continue;
      const forUs = nowUs - progress.sinceUs;
      const isUnder = report.taken > returned;
      if (forUs < (isUnder && mayReturn ? slowAfterUs : limitUs)) this.timesProbes = true;
      else if (isUnder) lost += report.taken - returned;
      else untakenUs = Math.max(untakenUs, this.isPresent(index) ? forUs : Infinity);
    }
    // A round that has got on is as long as any.
    if (good + bad > 0) this.idleRounds = 0;
    const isOver = untakenUs >= limitUs * 2 ** this.idleRounds;
    if (isOver && under === 0 && this.probesLeft <= 0 && board.isShort(this.isPresent)) {
      if (good + bad === 0) this.idleRounds = Math.min(this.idleRounds + 1, IDLE_ROUNDS_MAX);
      this.setGates('half-open', true, nowUs);
      carried.good += good;
      carried.bad += bad;
      // What was taken just then counts for nobody any more.
      return { ...carried, lost: board.takenBefore() - good - bad };
    }
    return { good: carried.good + good, bad: carried.bad + bad, lost };
  }

  private lease(): void {
    const { parts, board } = this;
    const before = board.leased;
    const told = board.lease(this.probesLeft + before, this.isPresent);
    if (told.length === 0) return;
    this.timesProbes = true;
    this.write(BreakerBoardWord.probes, (this.read(BreakerBoardWord.probes) + board.leased - before) | 0);
    for (const index of told) parts.rouse(parts.threads[index] as number);
  }

  private tell({ calls, failed, slow }: CallCounts): void {
    const rate = (count: number): number => (calls === 0 ? 0 : Math.round((count / calls) * RATE_UNITS));
    this.write(BreakerBoardWord.calls, calls);
    this.write(BreakerBoardWord.failureRate, rate(failed));
    this.write(BreakerBoardWord.slowRate, rate(slow));
  }

  private read(word: number): number {
    const { atomics, control, seed } = this.parts.context;
    return atomics.load(control, (seed.plan.breakers >> 2) + word + this.number);
  }

  private write(word: number, value: number): void {
    const { atomics, control, seed } = this.parts.context;
    const index = (seed.plan.breakers >> 2) + word + this.number;
    if (atomics.load(control, index) !== value) atomics.store(control, index, value);
  }
}

/**
 * How long a call has run.
 *
 * @param startedUs - low word of its start
 * @returns microseconds, up to {@link RUN_MAX_US}; 0 for a start that the clock of this thread has not reached yet
 */
function ranFor(startedUs: number, nowUs: number): number {
  const ranUs = ((nowUs | 0) - startedUs) >>> 0;
  return ranUs > RUN_MAX_US ? 0 : ranUs;
}

function modeOf(state: BreakerState): number {
  if (state === 'open' || state === 'isolated') return GateMode.shut;
  if (state === 'half-open') return GateMode.probing;
  return state === 'ramp' ? GateMode.ramp : GateMode.open;
}

function policyOptions(rules: BreakerRules): CircuitBreakerOptions {
  const { window, windowCalls, minimumCalls, failureRate, slowRate, combinedRate, probes } = rules;
  return {
    window,
    windowCalls,
    windowUs: rules.windowMs * US_PER_MS,
    minimumCalls,
    failureRate,
    slowRate,
    combinedRate,
    openUs: rules.openMs * US_PER_MS,
    openMaxUs: Math.max(rules.openMs, rules.openMaxMs) * US_PER_MS,
    probes,
    rampStepUs: rules.rampStepMs * US_PER_MS,
  };
}
