/**
 * Decides when a group's handlers are left alone, because what they depend on does not answer, and when they are tried again.
 * Pure: the caller says what time it is, what calls ended how, and how probes went. Thread: any; one instance per group, over all threads.
 *
 * ```
 *              too many bad calls, or one that hangs
 *   closed ──────────────────────────────────────────▶ open
 *     ▲                                               ▲   │ open time is over
 *     │ last step is over                 a bad probe │   ▼
 *   ramp ◀──────────────────────────────────────── half-open
 *        20, 40, 60, 80 % of the rate     all probes are back, few of them bad
 * ```
 *
 * 1. Closed: the window is judged once it holds `minimumCalls`. Failures, slow calls, or both together may open the breaker; so does a call that still runs
 *    after `hangAfter`, by itself.
 * 2. Open for `openUs`, twice as long each time it opens again before it was closed, up to `openMaxUs`; and by chance up to a fifth shorter or longer, so
 *    that breakers that opened together do not try again together.
 * 3. Half-open until every probe has come back. It fails as soon as the share of bad ones reaches the failure rate, or one is lost.
 * 4. The ramp takes four steps; its window begins empty, and bad calls open the breaker again.
 * Invariant: at most one transition per call; while it is open nothing but time or a command ends that; after time T open, T <= 1.2 * openMaxUs.
 * Source: Nygard, "Release it!" (2007); resilience4j for the rates; differs in: calls that still run count, probes are leases, the ramp.
 */
import type { CallCounts, CallWindow } from './call-window.ts';
import { CallCountWindow, CallTimeWindow } from './call-window.ts';

/** Options of a {@link CircuitBreaker}. */
export interface CircuitBreakerOptions {
  /** What is judged: the last `windowCalls` calls, or those of the last `windowUs`. */
  readonly window: 'calls' | 'time';
  readonly windowCalls: number;
  readonly windowUs: number;
  /** Calls below which nothing is judged, from 1. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens the breaker, above 0 up to 1. */
  readonly failureRate: number;
  readonly slowRate: number;
  /** The same for calls that failed, were slow, or both. */
  readonly combinedRate: number;
  readonly openUs: number;
  readonly openMaxUs: number;
  /** Calls of one half-open round, from 1. */
  readonly probes: number;
  /** Time of each step of the ramp. */
  readonly rampStepUs: number;
}

/** Where a breaker stands, commands included. */
export const BREAKER_STATES = Object.freeze([
  'closed',
  'open',
  'half-open',
  'ramp',
  'isolated',
  'forced-closed',
  'metrics-only',
] as const);

/** One of {@link BREAKER_STATES}. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/** What its operator wants; `auto` leaves it to itself. */
export const BREAKER_COMMANDS = Object.freeze(['auto', 'isolated', 'forced-closed', 'metrics-only'] as const);

/** One of {@link BREAKER_COMMANDS}. */
export type BreakerCommand = (typeof BREAKER_COMMANDS)[number];

/** Why a breaker changed its state. */
export type BreakerReason =
  | 'failures'
  | 'slowness'
  | 'combined'
  | 'hung'
  | 'probe-failed'
  | 'probe-lost'
  | 'waited'
  | 'probed'
  | 'ramped'
  | 'command';

/** A change of state; `from` and `to` are the same where a breaker that only measures would have opened. */
export interface BreakerTransition {
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerReason;
  /** The window at that moment. */
  readonly window: CallCounts;
  /** Microseconds for which it opens; 0 when it does not. */
  readonly openUs: number;
}

/** How the probes of a round went so far. */
export interface ProbeCounts {
  readonly good: number;
  readonly bad: number;
  /** Probes that began and did not come back in time. */
  readonly lost: number;
}

/** Share of the usual rate in each step of the ramp, in percent. */
export const RAMP_PERCENTS: readonly number[] = Object.freeze([20, 40, 60, 80]);

const JITTER = 0.2;

type Phase =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilUs: number }
  | { readonly kind: 'half-open' }
  | { readonly kind: 'ramp'; readonly step: number; readonly untilUs: number };

const CLOSED: Phase = Object.freeze({ kind: 'closed' });
const HALF_OPEN: Phase = Object.freeze({ kind: 'half-open' });

/** Circuit breaker of one group. */
export class CircuitBreaker {
  private options: CircuitBreakerOptions;
  private readonly random: () => number;
  private window: CallWindow;
  private phase: Phase = CLOSED;
  private command: BreakerCommand = 'auto';
  /** Times it opened since it was closed. */
  private openings = 0;
  /** Last time at which a call was observed. */
  private calledUs = -Infinity;
  /** Until when a breaker that only measures says nothing again. */
  private quietUs = -Infinity;

  /** @param random - from 0 up to 1, both sides of the jitter */
  constructor(options: CircuitBreakerOptions, random: () => number) {
    this.options = options;
    this.random = random;
    this.window = windowOf(options);
  }

  /** Takes other options from now on; the window begins anew where its kind or size changed, and an open time goes on as it began. */
  configure(options: CircuitBreakerOptions): void {
    const before = this.options;
    this.options = options;
    const { window, windowCalls, windowUs } = options;
    if (window !== before.window || windowCalls !== before.windowCalls || windowUs !== before.windowUs)
      this.window = windowOf(options);
  }

  /** Where it stands. */
  get state(): BreakerState {
    return this.command === 'auto' ? this.phase.kind : this.command;
  }

  /** Percent of the usual rate that are let through on the ramp; 100 elsewhere. */
  get rampPercent(): number {
    return this.phase.kind === 'ramp' ? (RAMP_PERCENTS[this.phase.step] as number) : 100;
  }

  /** Probes of one round. */
  get probes(): number {
    return this.options.probes;
  }

  /** What the window holds. */
  totals(nowUs: number): CallCounts {
    return this.window.totals(nowUs);
  }

  /** Goes on where a predecessor stood: anything but closed begins with an open time. */
  resume(state: BreakerState, command: BreakerCommand, nowUs: number): void {
    this.command = command;
    if (state === 'open' || state === 'half-open' || state === 'ramp') this.open(nowUs);
  }

  /** Says how calls ended since the last time. */
  observe(lot: CallCounts, nowUs: number): BreakerTransition | undefined {
    this.forget(lot, nowUs);
    // What ended while it was open or half-open, probes apart, began before that.
    const { state } = this;
    if (state === 'open' || state === 'half-open' || state === 'isolated') return undefined;
    this.window.add(lot, nowUs);
    if (lot.calls === 0 || state === 'forced-closed') return undefined;
    const reason = this.judge(this.window.totals(nowUs));
    return reason === undefined ? undefined : this.trip(reason, nowUs);
  }

  /** Says that a call which began since the breaker last opened runs for longer than it may. */
  hung(nowUs: number): BreakerTransition | undefined {
    const { state } = this;
    return state === 'open' || state === 'isolated' || state === 'forced-closed' ? undefined : this.trip('hung', nowUs);
  }

  /** Says how the probes of this round went so far. */
  probed({ good, bad, lost }: ProbeCounts, nowUs: number): BreakerTransition | undefined {
    if (this.state !== 'half-open') return undefined;
    const { probes, failureRate } = this.options;
    if (lost > 0) return this.trip('probe-lost', nowUs);
    if (bad > 0 && bad / probes >= failureRate) return this.trip('probe-failed', nowUs);
    if (good + bad < probes) return undefined;
    return this.enter({ kind: 'ramp', step: 0, untilUs: nowUs + this.options.rampStepUs }, 'probed', nowUs);
  }

  /** Looks at the time. */
  tick(nowUs: number): BreakerTransition | undefined {
    if (this.command !== 'auto') return undefined;
    const { phase } = this;
    if (phase.kind === 'open' && nowUs >= phase.untilUs) return this.enter(HALF_OPEN, 'waited', nowUs);
    if (phase.kind !== 'ramp' || nowUs < phase.untilUs) return undefined;
    const step = phase.step + 1;
    if (step < RAMP_PERCENTS.length)
      return this.enter({ kind: 'ramp', step, untilUs: nowUs + this.options.rampStepUs }, 'ramped', nowUs);
    this.openings = 0;
    return this.enter(CLOSED, 'ramped', nowUs);
  }

  /** Does what an operator wants. `auto` begins anew: closed. */
  obey(command: BreakerCommand, nowUs: number): BreakerTransition | undefined {
    if (command === this.command) return undefined;
    const from = this.state;
    const window = this.window.totals(nowUs);
    this.command = command;
    this.phase = CLOSED;
    this.openings = 0;
    this.window.clear();
    return from === this.state ? undefined : { from, to: this.state, reason: 'command', window, openUs: 0 };
  }

  private judge({ calls, failed, slow, bad }: CallCounts): BreakerReason | undefined {
    const { minimumCalls, failureRate, slowRate, combinedRate } = this.options;
    // A window of fewer calls is judged once it is full.
    const { window, windowCalls } = this.options;
    if (calls < (window === 'calls' ? Math.min(minimumCalls, windowCalls) : minimumCalls)) return undefined;
    if (failed / calls >= failureRate) return 'failures';
    if (slow / calls >= slowRate) return 'slowness';
    return bad / calls >= combinedRate ? 'combined' : undefined;
  }

  private trip(reason: BreakerReason, nowUs: number): BreakerTransition | undefined {
    const from = this.state;
    const window = this.window.totals(nowUs);
    if (this.command === 'metrics-only') {
      if (nowUs < this.quietUs) return undefined;
      this.quietUs = nowUs + this.options.openUs;
      return { from, to: from, reason, window, openUs: 0 };
    }
    const openUs = this.open(nowUs);
    return { from, to: 'open', reason, window, openUs };
  }

  /** Opens; returns for how long. */
  private open(nowUs: number): number {
    const { openUs, openMaxUs } = this.options;
    const lengthUs = Math.min(openMaxUs, openUs * 2 ** Math.min(this.openings, 32));
    const jitteredUs = Math.round(lengthUs * (1 - JITTER + 2 * JITTER * this.random()));
    this.openings++;
    this.phase = { kind: 'open', untilUs: nowUs + jitteredUs };
    this.window.clear();
    return jitteredUs;
  }

  private enter(phase: Phase, reason: BreakerReason, nowUs: number): BreakerTransition {
    const from = this.state;
    const window = this.window.totals(nowUs);
    this.phase = phase;
    return { from, to: this.state, reason, window, openUs: 0 };
  }

  /** What was long ago says nothing of now. */
  private forget(lot: CallCounts, nowUs: number): void {
    if (nowUs - this.calledUs >= this.options.windowUs) this.window.clear();
    if (lot.calls > 0) this.calledUs = nowUs;
  }
}

function windowOf({ window, windowCalls, windowUs }: CircuitBreakerOptions): CallWindow {
  return window === 'calls' ? new CallCountWindow(windowCalls) : new CallTimeWindow(windowUs);
}
