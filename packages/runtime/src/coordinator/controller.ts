/**
 * What the coordinator does about load, once per tick: it looks at what all threads say of themselves, and tells them what they shall do.
 * Thread: the coordinator. It blocks nothing and is waited for by nobody: without it threads go on with what it told them last.
 *
 * ```
 *   sojourn, heartbeat ─▶ SojournWatch ─┬─▶ CreditShares ─▶ shares of credit ─┐
 *   credit of each link ────────────────┼──────┘                              ├─▶ control epoch of the consumer
 *                                       ├─▶ WeightControl ─▶ weights ─────────┘
 *   memory, main's delay, refusals ─▶ LoadGates ─▶ pressureOf ─▶ LadderControl ─▶ rung of each publisher
 *   ledger words ─▶ HandlerWatch ─▶ log, system.handler, a thread replaced
 *   heartbeats ─▶ LoopWatch ─▶ log, state of the shard, a thread replaced
 *   calls of groups ─▶ BreakerControl ─▶ gates of circuit breakers, system.breaker
 *   permits in use and wanted ─▶ PermitControl ─▶ quotas of bulkheads
 * ```
 *
 * Lanes that stand and credit in use count as pressure only while publishers are turned away. Whoever waits for room keeps his lane full and gets all
 * the service there is; to shed his events would only take them from him. And a lane whose priority is shed already keeps the ladder where it is, but
 * sends it no higher: what stands there was accepted before, and to shed more urgent events as well would not make it shorter.
 */
import { constrainedMemory, memoryUsage } from 'node:process';
import { totalmem } from 'node:os';
import { PRIORITY_COUNT } from '@ringmain/core';
import type { PriorityLevel } from '@ringmain/core';
import type { PressureInput } from '@ringmain/policy';
import { PRESSURE_HIGH, PRESSURE_LOW, admits, pressureOf } from '@ringmain/policy';
import { MAIN_THREAD } from '@ringmain/ring';
import type { Logger } from 'pino';
import { BreakerControl } from '../breakers/breaker-control.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { PressureCause, SystemEvents, SystemNoticeName } from '../events/system-events.ts';
import { PermitControl } from '../limits/permit-control.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { ControlWords } from './control-words.ts';
import { CreditShares } from './credit-shares.ts';
import { CriticalAlert } from './critical-alert.ts';
import { HandlerWatch } from './handler-watch.ts';
import type { MeasuredPressure } from './ladder-control.ts';
import { LadderControl } from './ladder-control.ts';
import { LoadGates } from './load-gates.ts';
import { LoopWatch } from './loop-watch.ts';
import { RunningHandlers } from './running-handler.ts';
import { SojournWatch } from './sojourn-watch.ts';
import { WeightControl } from './weight-control.ts';

/** What a controller reaches outside of shared memory. */
export interface ControllerPorts {
  readonly log: Logger;
  /** Tells the main thread. */
  readonly notice: <Name extends SystemNoticeName>(name: Name, data: SystemEvents[Name]) => void;
  /** Ends the thread of a shard; its successor takes over. */
  readonly terminate: (shard: number) => void;
  /** Asks the main thread whether an inspector is open. */
  readonly inspected: () => Promise<boolean>;
  /** Asks for the next tick soon. */
  readonly hurry?: () => void;
  /** Resident memory of the process, in bytes. */
  readonly rssBytes?: () => number;
}

const MIB = 1024 * 1024;
/** Part of the memory there is that the process may take unless the configuration says how much. */
const MEMORY_PART = 0.8;

/** Pressure that holds the ladder where it is. */
const PRESSURE_HELD = (PRESSURE_LOW + PRESSURE_HIGH) / 2;

/** Controller of one runtime. */
export class Controller {
  private readonly ports: ControllerPorts;
  private readonly words: ControlWords;
  private readonly sojourns: SojournWatch;
  private readonly shares: readonly CreditShares[];
  /** Those of shards that have a thread, as of the last look. */
  private present: readonly CreditShares[] = [];
  private weights: WeightControl;
  private readonly gates: LoadGates;
  private readonly ladder: LadderControl;
  private readonly handlers: HandlerWatch;
  private readonly loops: LoopWatch;
  private readonly alert: CriticalAlert;
  private readonly breakers: BreakerControl;
  private readonly permits: PermitControl;
  private readonly rssBytes: () => number;
  private limits: Pick<PressureInput, 'memoryLimit' | 'loopDelayLimitMs'>;
  private readonly standingUnits: number[];

  /** @param groups - groups that every shard hosts, in the order of their numbers */
  constructor(context: ThreadContext, groups: readonly GroupDescription[], ports: ControllerPorts) {
    const { config } = context.seed;
    const words = new ControlWords(context);
    this.ports = ports;
    this.words = words;
    this.sojourns = new SojournWatch(words, config.flow);
    this.weights = new WeightControl(words, config);
    this.shares = Array.from(
      { length: words.threadCount - 1 },
      (_, shard) => new CreditShares(context, words, MAIN_THREAD + 1 + shard, groups.length),
    );
    this.gates = new LoadGates(context, words);
    this.ladder = new LadderControl(words, config.flow.ladder);
    this.alert = new CriticalAlert(words, ports.log);
    const { log, terminate, inspected } = ports;
    const watching = { words, handlers: new RunningHandlers(context, words, groups), log, terminate, inspected };
    this.handlers = new HandlerWatch({ ...watching, tell: (notice) => ports.notice('system.handler', notice) }, config.watchdog);
    this.loops = new LoopWatch(watching, config.watchdog);
    const hurry = ports.hurry ?? (() => {});
    this.breakers = new BreakerControl(context, groups, {
      log: ports.log,
      notice: (notice) => ports.notice('system.breaker', notice),
      hurry,
    });
    this.permits = new PermitControl(context, groups, hurry);
    this.rssBytes = ports.rssBytes ?? (() => memoryUsage.rss());
    this.limits = limitsOf(config);
    this.standingUnits = Array.from({ length: words.threadCount }, () => 0);
    context.live.watch(['flow'], ({ flow }) => this.configure(flow));
    context.live.watch(['scheduling', 'flow'], (changed) => (this.weights = new WeightControl(words, changed)));
    context.live.watch(['watchdog'], ({ watchdog }) => {
      this.handlers.configure(watchdog);
      this.loops.configure(watchdog);
    });
  }

  /** Listens to what threads ring for between ticks. */
  start(): void {
    this.breakers.start();
    this.permits.start();
  }

  /** Listens no more. */
  stop(): void {
    this.breakers.stop();
    this.permits.stop();
  }

  /**
   * Takes one look and decides.
   *
   * @returns true while something is going on that is worth another look soon, even if nothing moves
   */
  tick(nowUs: number): boolean {
    const { sojourns, ladder, words } = this;
    sojourns.observe(nowUs);
    this.standingUnits.fill(0);
    this.present = this.shares.filter((_, shard) => words.isPresent(shard + MAIN_THREAD + 1));
    for (const shares of this.present) this.share(shares, nowUs);
    this.weights.update((consumer) => sojourns.standing(consumer), nowUs, ladder.rung !== 0);
    const notice = ladder.update(this.measure(nowUs), this.standingUnits, nowUs);
    if (notice !== undefined) {
      // `name` is that of the logger.
      const { name, ...step } = notice;
      this.ports.log[notice.rung === 0 ? 'info' : 'warn']({ ...step, state: name }, 'the degradation ladder moved');
      this.ports.notice('system.degradation', notice);
    }
    this.alert.check(nowUs);
    const handling = this.handlers.check(nowUs);
    const standing = this.loops.check(nowUs);
    const breaking = this.breakers.tick(nowUs);
    const leasing = this.permits.tick(nowUs);
    return breaking || leasing || handling || standing || sojourns.isWaiting || ladder.rung !== 0 || !this.weights.isConfigured;
  }

  /** What was measured stays; from the next look on it is judged by other rules. */
  private configure(flow: RuntimeConfig['flow']): void {
    this.sojourns.configure(flow);
    for (const shares of this.shares) shares.configure(flow);
    this.ladder.configure(flow.ladder);
    this.limits = limitsOf({ flow });
  }

  private share(shares: CreditShares, nowUs: number): void {
    const stands = this.sojourns.standing(shares.consumer) !== 0;
    shares.observe(nowUs, stands);
    if (!stands) return;
    for (const [producer, units] of shares.publishedUnits.entries())
      this.standingUnits[producer] = (this.standingUnits[producer] as number) + units;
  }

  private lanesPressure(nowUs: number): number {
    let highest = 0;
    for (let priority = 0; priority < PRIORITY_COUNT; priority++) {
      const isShed = admits(this.ladder.rung, priority as PriorityLevel) === 'shed';
      highest = Math.max(highest, Math.min(isShed ? PRESSURE_HELD : 1, this.sojourns.pressure(priority, nowUs)));
    }
    return highest;
  }

  private measure(nowUs: number): MeasuredPressure {
    const turnsAway = this.gates.isTurningAway(Math.min(...this.present.map((shares) => shares.narrowest())));
    const input: PressureInput = {
      standingLanes: turnsAway ? this.lanesPressure(nowUs) : 0,
      memoryUsed: this.rssBytes(),
      loopDelayMs: this.gates.mainDelayMs(nowUs),
      ...this.limits,
      creditUsed: turnsAway ? Math.max(0, ...this.present.map((shares) => shares.used())) : 0,
    };
    return { pressure: pressureOf(input), cause: causeOf(input) };
  }
}

function limitsOf({ flow }: Pick<RuntimeConfig, 'flow'>): Pick<PressureInput, 'memoryLimit' | 'loopDelayLimitMs'> {
  return {
    memoryLimit: flow.memoryLimitMb === undefined ? memoryThereIs() * MEMORY_PART : flow.memoryLimitMb * MIB,
    loopDelayLimitMs: flow.loopDelayMs ?? Infinity,
  };
}

/** The part that presses most; of equal ones the first. */
function causeOf(input: PressureInput): PressureCause {
  const nothing = { standingLanes: 0, memoryUsed: 0, loopDelayMs: 0, creditUsed: 0 };
  const { memoryLimit, loopDelayLimitMs, standingLanes, memoryUsed, loopDelayMs, creditUsed } = input;
  const alone = (part: Partial<PressureInput>): number => pressureOf({ ...nothing, memoryLimit, loopDelayLimitMs, ...part });
  const parts: readonly (readonly [PressureCause, number])[] = [
    ['lanes', alone({ standingLanes })],
    ['memory', alone({ memoryUsed })],
    ['loop', alone({ loopDelayMs })],
    ['credit', alone({ creditUsed })],
  ];
  return parts.reduce((most, part) => (part[1] > most[1] ? part : most))[0];
}

/** Memory that the process may use at all: that of its container, if it is in one, else that of the machine. */
function memoryThereIs(): number {
  const constrained = constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
