/**
 * A group's circuit breaker in one thread: lets calls through as the coordinator says, and tells it how they end.
 *
 * Thread: the consumer's. It decides nothing but which calls are the probes that it has leases for, and which of them fit the rate of the ramp.
 * 1. `isShut` reads the gate: one word, one load while the breaker is closed.
 *    While the breaker tries, it is open for whoever has a probe: that is taken here, and kept for the next call.
 * 2. `begin` uses that probe, or takes a token, under the gate that `isShut` saw, and says since when something runs. `end` counts. A call that began in
 *    another round counts no more: what it says is about the time before.
 * 3. Bad calls, probes that came back and deliveries that wait for a probe ring the coordinator, which else looks once a tick.
 * 4. `look`, once a turn, finds out what has changed, gives back probes that no call used, and has what waits begin.
 * A batch is as many calls as it has events: it takes as many probes and tokens, and each of its events ends well or not.
 * Invariant: what waits here waits because the gate is shut, or for the next look.
 */
import { TokenBucket } from '@ringmain/policy';
import type { BreakerCell, Doorbell } from '@ringmain/ring';
import { BYTE_MAX, GateMode, roundOf } from '@ringmain/ring';
import type { BreakerRules } from '../breaker-groups.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { Gate, Refusal, Waiter } from './gate.ts';
import { WaitingDeliveries } from './gate.ts';
import type { BreakerCall } from './running-calls.ts';
import { RunningCalls } from './running-calls.ts';

/** Parts that a gate works with; all of one thread. */
export interface BreakerGateParts {
  readonly context: ThreadContext;
  readonly cell: BreakerCell;
  /** Has the coordinator look. */
  readonly bell: Doorbell;
  /** Options at first. */
  readonly rules: BreakerRules;
  /** Has what waits at a gate begin. */
  readonly admit: (gate: Gate) => void;
}

/** A rate that is not worth limiting on the ramp, in calls per second and thread. */
const RATE_MIN = 100;
/** Tokens of the ramp, as a part of a second's. */
const BURSTS_PER_SECOND = 50;
const US_PER_SECOND = 1_000_000;
const REFUSED: Refusal = Object.freeze({ reason: 'breaker-open', error: undefined });

/** One group's breaker in one thread. */
export class BreakerGate implements Gate {
  private readonly parts: BreakerGateParts;
  private readonly waiting = new WaitingDeliveries();
  /** Deliveries that wait for a batch, and could begin if the gate let them. */
  private gathered = 0;
  private readonly calls = new RunningCalls();
  private rules: BreakerRules;
  /** What `isShut` saw last. */
  private seen: number;
  /** What `look` saw last. */
  private known: number;
  /** Probes that were taken for the next calls, and their round. */
  private readonly kept = { round: 0, probes: 0 };
  /** Round of the calls that are known to run. */
  private round: number;
  private readonly tokens = new TokenBucket({ ratePerSecond: RATE_MIN, burst: 1 });
  /** Round in which a probe was asked for, for whatever comes next, and not leased; undefined for none. */
  private asked: number | undefined;
  /** Gate by which the rate of the tokens was set. */
  private limited = 0;
  private timer: NodeJS.Timeout | undefined;
  private ratePerSecond = 0;
  /** Gate under which calls are counted, and since when. */
  private countedUnder: number | undefined;
  private countedUs = 0;
  private counted = 0;

  constructor(parts: BreakerGateParts) {
    this.parts = parts;
    this.rules = parts.rules;
    this.seen = this.known = parts.cell.gate();
    this.round = roundOf(this.known);
    this.follow(this.known);
  }

  get isShut(): boolean {
    if (this.admits(1) > 0) return false;
    // Whoever does not wait cannot be counted: one probe is asked for, and the next delivery takes it.
    if (this.waits === 0 && this.rules.onOpen !== 'hold') this.askForNext();
    return true;
  }

  /** How many of so many deliveries may begin now. */
  admits(count: number): number {
    const { cell, context } = this.parts;
    const gate = cell.gate();
    this.seen = gate;
    this.beginRound(roundOf(gate));
    const mode = gate & BYTE_MAX;
    if (mode === GateMode.open) return count;
    if (mode === GateMode.shut) return 0;
    if (mode === GateMode.probing) return this.takeProbes(gate, count);
    this.limit(gate);
    return Math.min(count, this.tokens.available(runtimeUs(context)));
  }

  /** Says that so many more deliveries, or fewer, wait for a batch that could begin; has probes asked for them, or none any more. */
  gather(difference: number): void {
    this.gathered += difference;
    if (this.waits === 0) this.want(0);
    else this.ask();
  }

  /** Says again what waits. */
  ask(): void {
    if (this.waits === 0) return;
    this.want(this.wish);
    this.setTimer();
  }

  private get wish(): number {
    return this.waiting.size + (this.rules.onOpen === 'hold' ? this.gathered : Math.min(1, this.gathered));
  }

  /** What happens to deliveries while it is shut. */
  get onOpen(): string {
    return this.rules.onOpen;
  }

  /** The breaker bounds no queue. */
  get isQueueFull(): boolean {
    return false;
  }

  refuse(attempt: number): Refusal | undefined {
    const { onOpen } = this.rules;
    if (onOpen === 'dead-letter') return REFUSED;
    // What was begun once is never dropped.
    if (onOpen === 'drop') return attempt === 0 ? 'dropped' : REFUSED;
    return undefined;
  }

  wait(waiter: Waiter): void {
    this.waiting.add(waiter);
    this.ask();
  }

  forget(waiter: Waiter): void {
    this.waiting.remove(waiter);
    if (this.waits === 0) this.want(0);
  }

  next(): Waiter | undefined {
    if (this.waiting.size === 0 || this.isShut) return undefined;
    return this.waiting.take();
  }

  /**
   * A handler is about to be called.
   *
   * @param events - that it gets
   * @param waits - true when it waits for a thread of its own first; `started` says when it begins
   */
  begin(events = 1, waits = false): BreakerCall {
    const { cell, context } = this.parts;
    const gate = this.seen;
    const nowUs = runtimeUs(context);
    const mode = gate & BYTE_MAX;
    const probes = mode === GateMode.probing ? this.useProbes(roundOf(gate), events) : 0;
    if (mode === GateMode.ramp) this.tokens.take(events, nowUs);
    else if (mode === GateMode.open) this.measure(gate, nowUs, events);
    const call: BreakerCall = { startedUs: nowUs, round: roundOf(gate), events, probes, before: undefined, after: undefined };
    if (waits) return call;
    this.calls.add(call);
    cell.runSince(this.calls.sinceUs);
    return call;
  }

  /** A call that waited has begun, or begins again: it is slow, or hangs, by the time from here. */
  started(call: BreakerCall): void {
    const { cell, context } = this.parts;
    this.calls.remove(call);
    call.startedUs = runtimeUs(context);
    if (call.round === this.round) this.calls.add(call);
    cell.runSince(this.calls.sinceUs);
  }

  /** A call has ended. @param failed - how many of its events failed */
  end(call: BreakerCall, failed: number): void {
    const { cell } = this.parts;
    this.calls.remove(call);
    // Not where it began before the breaker opened, or in an earlier try.
    if (call.round === roundOf(cell.gate())) this.count(call, failed);
    // Afterwards: a probe that no longer runs and has not come back is lost.
    cell.runSince(this.calls.sinceUs);
  }

  private count({ startedUs, round, events, probes }: BreakerCall, failed: number): void {
    const { cell, context, bell } = this.parts;
    const slow = runtimeUs(context) - startedUs > this.rules.slowMs * 1000;
    const bad = slow ? events : failed;
    if (probes > 0) {
      if (bad > 0) cell.returnProbe(round, false, Math.min(bad, probes));
      if (bad < probes) cell.returnProbe(round, true, probes - bad);
    } else {
      if (failed > 0) cell.count({ failed: true, slow }, failed);
      if (failed < events) cell.count({ failed: false, slow }, events - failed);
    }
    if (probes > 0 || bad > 0) bell.ring();
  }

  /** True when the gate has changed since `look`: the look after arming the bell. */
  get hasNews(): boolean {
    return this.parts.cell.gate() !== this.known;
  }

  /** Takes over what has changed, and has what waits begin. */
  look(): void {
    const { cell } = this.parts;
    const gate = cell.gate();
    this.rest();
    if (gate !== this.known) this.follow(gate);
    if (this.waits > 0 && (gate & BYTE_MAX) !== GateMode.shut) this.parts.admit(this);
    if (this.waits > 0) this.ask();
    else if (this.rules.onOpen === 'hold') this.want(0);
  }

  /** Gives back probes that no call used; before the thread sleeps, too. */
  rest(): void {
    if (this.kept.probes === 0) return;
    for (; this.kept.probes > 0; this.kept.probes--) this.parts.cell.giveBack(this.kept.round);
    this.ask();
  }

  /** Takes other options from now on. */
  configure(rules: BreakerRules): void {
    this.rules = rules;
  }

  /** Ends the timer; what waits stays in the bay. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Deliveries that wait here, or for a batch. */
  private get waits(): number {
    return this.waiting.size + this.gathered;
  }

  /** Takes probes until so many are kept for the next calls; returns how many of those asked for there are. */
  private takeProbes(gate: number, count: number): number {
    const { kept } = this;
    const { cell } = this.parts;
    const round = roundOf(gate);
    if (kept.round !== round) Object.assign(kept, { round, probes: 0 });
    const taken = Math.min(count - kept.probes, cell.probesLeft(gate));
    if (taken > 0) {
      // Before they are taken: else the coordinator finds them taken and as many wanted as before, and leases what nobody will take.
      this.want(Math.max(0, this.wish - kept.probes - taken));
      while (kept.probes < count && cell.takeProbe(gate)) kept.probes++;
    }
    return Math.min(count, kept.probes);
  }

  private useProbes(round: number, count: number): number {
    const { kept } = this;
    if (kept.round !== round) return 0;
    const used = Math.min(count, kept.probes);
    kept.probes -= used;
    return used;
  }

  /** What runs from an earlier round is of no interest any more. */
  private beginRound(round: number): void {
    if (round === this.round) return;
    this.round = round;
    this.calls.forget();
    this.parts.cell.runSince(0);
  }

  private follow(gate: number): void {
    this.beginRound(roundOf(gate));
    this.known = gate;
    const mode = gate & BYTE_MAX;
    if (mode === GateMode.ramp) this.limit(gate);
    if (mode !== GateMode.probing || this.parts.cell.probesLeft(gate) > 0) this.asked = undefined;
    // The round ended before it was leased what it had asked for, and nothing waits that would ask again.
    if (this.asked !== undefined && this.asked !== roundOf(gate) && this.waits === 0) this.askForNext();
  }

  /** Asks for a probe that the next delivery takes, whenever it comes. */
  private askForNext(): void {
    const gate = this.parts.cell.gate();
    this.asked = (gate & BYTE_MAX) === GateMode.probing ? roundOf(gate) : undefined;
    this.want(1);
  }

  /** Sets the rate of a step of the ramp. */
  private limit(gate: number): void {
    if (gate === this.limited) return;
    this.limited = gate;
    const percent = (gate >>> 8) & BYTE_MAX;
    const ratePerSecond = Math.ceil((Math.max(RATE_MIN, this.ratePerSecond) * percent) / 100);
    const burst = Math.max(1, Math.ceil(ratePerSecond / BURSTS_PER_SECOND));
    this.tokens.configure({ ratePerSecond, burst }, runtimeUs(this.parts.context));
  }

  /** Asks for probes while the breaker tries. */
  private want(count: number): void {
    const { cell, bell } = this.parts;
    const gate = cell.gate();
    if ((gate & BYTE_MAX) !== GateMode.probing) return;
    if (cell.want(roundOf(gate), count)) bell.ring();
  }

  /** The rate of calls while nothing holds them back. The time for which the gate was shut does not count. */
  private measure(gate: number, nowUs: number, events: number): void {
    if (gate !== this.countedUnder) {
      this.countedUnder = gate;
      this.countedUs = nowUs;
      this.counted = 0;
    }
    this.counted += events;
    const elapsedUs = nowUs - this.countedUs;
    if (elapsedUs < US_PER_SECOND) return;
    this.ratePerSecond = (this.counted * US_PER_SECOND) / elapsedUs;
    this.counted = 0;
    this.countedUs = nowUs;
  }

  /** On the ramp, what waits begins when the next token is there. */
  private setTimer(): void {
    if (this.timer !== undefined || this.waits === 0) return;
    if ((this.known & BYTE_MAX) !== GateMode.ramp) return;
    const waitUs = this.tokens.waitUs(1, runtimeUs(this.parts.context));
    this.timer = setTimeout(this.ring, Math.max(1, Math.ceil(waitUs / 1000))).unref();
  }

  private readonly ring = (): void => {
    this.timer = undefined;
    this.look();
  };
}
