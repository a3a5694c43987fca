/**
 * All circuit breakers of a runtime, and what wakes them.
 *
 * Thread: the coordinator, or the main thread where it hosts the handlers.
 * 1. `tick` looks at every breaker: once a tick of the coordinator, or of a timer of its own where there is no coordinator.
 * 2. In between, threads ring: for calls that went badly, probes that came back, and deliveries that wait for a probe. Rings are taken up together: after a
 *    look the bell stays unarmed for two milliseconds, so a thousand failures a second cost no more than five hundred looks.
 * Invariant: without breakers it does nothing, and takes no bell.
 */
import { systemRandom } from '@ringmain/core';
import type { BreakerTransition } from '@ringmain/policy';
import { BreakerBoardWord, Doorbell, MAIN_THREAD, ThreadPhase, ThreadWord } from '@ringmain/ring';
import type { Logger } from 'pino';
import { breakerGroups } from '../breaker-groups.ts';
import type { BreakerNotice } from '../events/system-events.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { BreakerParts } from './group-breaker.ts';
import { GroupBreaker } from './group-breaker.ts';

/** What the breakers of a runtime reach outside of shared memory. */
export interface BreakerControlPorts {
  readonly log: Logger;
  readonly notice: (notice: BreakerNotice) => void;
  /** Called after a look that a ring asked for, when another is worth having soon. */
  readonly hurry?: () => void;
  readonly random?: () => number;
}

/** Time in which rings gather. */
const GATHER_MS = 2;

/** Breakers of one runtime. */
export class BreakerControl {
  private readonly context: ThreadContext;
  private readonly ports: BreakerControlPorts;
  private readonly breakers: readonly GroupBreaker[];
  private readonly bell: Doorbell;
  private gathering: NodeJS.Timeout | undefined;
  private ticking: NodeJS.Timeout | undefined;
  private stopped = false;

  /** @param groups - groups of the subscriber modules, in the order of their numbers */
  constructor(context: ThreadContext, groups: readonly GroupDescription[], ports: BreakerControlPorts) {
    const { atomics, control, seed } = context;
    const found = breakerGroups(seed.config, groups);
    const parts = partsOf(context, ports, (group, transition) => this.tell(group, transition));
    const nowUs = runtimeUs(context);
    this.context = context;
    this.ports = ports;
    this.breakers = found.map((group) => new GroupBreaker(parts, group, nowUs));
    this.bell = new Doorbell(atomics, control, (seed.plan.breakers >> 2) + BreakerBoardWord.bell);
    context.live.watch(['breakers'], (config) => {
      for (const { name, rules } of breakerGroups(config, groups))
        this.breakers.find((breaker) => breaker.name === name)?.configure(rules);
    });
  }

  /** Listens to rings from now on. */
  start(): void {
    if (this.breakers.length > 0) this.listen();
  }

  /** The same, with a timer for what the coordinator's tick does elsewhere. */
  startAlone(): void {
    this.start();
    if (this.breakers.length > 0) this.schedule();
  }

  /** Listens no more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.gathering);
    clearTimeout(this.ticking);
    this.bell.rouse();
  }

  /**
   * Looks at every breaker.
   *
   * @returns true while another look is worth having soon
   */
  tick(nowUs: number): boolean {
    let soon = false;
    for (const breaker of this.breakers) soon = breaker.look(nowUs) || soon;
    return soon;
  }

  private readonly listen = (): void => {
    if (this.stopped) return;
    this.bell.arm();
    // The look after arming: who rang before found the bell unarmed.
    this.look();
    const wait = this.bell.waitAsync();
    if (wait.async) void wait.value.then(this.rung);
    else this.gather();
  };

  private readonly rung = (): void => {
    if (this.stopped) return;
    this.look();
    this.gather();
  };

  private gather(): void {
    this.gathering = setTimeout(this.listen, GATHER_MS).unref();
  }

  private look(): void {
    if (!this.tick(runtimeUs(this.context))) return;
    if (this.ports.hurry !== undefined) this.ports.hurry();
    else this.schedule();
  }

  private schedule(soon = true): void {
    const { tickMs, idleTickMs } = this.context.seed.config.coordinator;
    clearTimeout(this.ticking);
    if (this.stopped) return;
    const again = (): void => this.schedule(this.tick(runtimeUs(this.context)));
    this.ticking = setTimeout(again, soon ? tickMs : idleTickMs).unref();
  }

  private tell(group: string, { from, to, reason, window, openUs }: BreakerTransition): void {
    const { calls, failed, slow } = window;
    const rate = (count: number): number => (calls === 0 ? 0 : count / calls);
    const notice = {
      group,
      state: to,
      previous: from,
      reason,
      calls,
      failureRate: rate(failed),
      slowRate: rate(slow),
      openMs: openUs / 1000,
    };
    const isBad = to === 'open' || to === 'isolated' || from === to;
    this.ports.log[isBad ? 'warn' : 'info'](notice, 'a circuit breaker changed its state');
    this.ports.notice(notice);
  }
}

function partsOf(context: ThreadContext, ports: BreakerControlPorts, onTransition: BreakerParts['onTransition']): BreakerParts {
  const { atomics, control, seed } = context;
  const { threads } = seed.plan;
  const wordOf = (thread: number, word: number): number => ((threads[thread]?.words ?? 0) >> 2) + word;
  const bells = threads.map((_, thread) => new Doorbell(atomics, control, wordOf(thread, ThreadWord.bell)));
  const inline = seed.config.shards === 0;
  return {
    context,
    threads: inline ? [MAIN_THREAD] : threads.map((_, thread) => thread).filter((thread) => thread !== MAIN_THREAD),
    isPresent: (thread) => {
      const phase = atomics.load(control, wordOf(thread, ThreadWord.phase));
      return phase !== ThreadPhase.absent && phase !== ThreadPhase.stopped;
    },
    rouse: (thread) => void bells[thread]?.ring(),
    random: ports.random ?? (() => systemRandom.next()),
    onTransition,
  };
}
