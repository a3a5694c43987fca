/**
 * Runs one measurement of one contender inside its process.
 * Thread: main thread of the contender's process.
 *
 * A slice: reset the consumer, (calibrate the handler), read the CPU clocks, publish for the slice's length, ask for the
 * totals, which arrive after everything published was handled, read the clocks again, (calibrate again), verify the totals.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { nowUs } from '../measure/clock.ts';
import { mainThreadCpuUs, processCpuUs } from '../measure/thread-cpu.ts';
import type { ControlReport, ControlRequest } from '../workload/consumer.ts';
import type { Workload } from '../workload/workload.ts';
import type { FloodResult, IdleResult, SliceResult } from './child-protocol.ts';
import type { Contender } from './contender.ts';

const FLOOD_PER_SECOND = 200_000;
const FLOOD_RUN_MAX = 2_000;
const FLOOD_RSS_CAP_MB = 2_048;
const FLOOD_SAMPLE_EVERY_MS = 50;
/** Longest backlog that is waited for after a flood. */
const FLOOD_DRAIN_MS = 5_000;
const BURST_EVENTS = 10;
/** Bursts that a late timer makes up for at once; more would turn a pause of the machine into a flood. */
const BURSTS_MAX = 5;
const SETTLE_MS = 2_000;
/** Rest before an idle measurement, as a multiple of its length. */
const IDLE_REST = 1.5;

export class SliceRunner {
  readonly #contender: Contender;
  readonly #workload: Workload;

  constructor(contender: Contender, workload: Workload) {
    this.#contender = contender;
    this.#workload = workload;
  }

  /** Publishes as fast as the contender takes events. */
  slice(sliceMs: number): Promise<SliceResult> {
    return this.#measure(() => this.#contender.flowUntil(nowUs() + sliceMs * 1e3));
  }

  /** Publishes bursts of 10 every millisecond from a timer, every event with its own publish time. */
  paced(sliceMs: number): Promise<SliceResult> {
    return this.#measure(async () => {
      const start = nowUs();
      let published = 0;
      let bursts = 0;
      for (let elapsed = 0; elapsed < sliceMs; elapsed = (nowUs() - start) / 1e3) {
        const due = Math.min(Math.floor(elapsed) + 1 - bursts, BURSTS_MAX);
        for (let event = 0; event < due * BURST_EVENTS; event++) {
          if (this.#contender.offer(published, this.#workload.stampedAt(published, nowUs()))) published++;
        }
        this.#contender.flushOffers();
        bursts = Math.floor(elapsed) + 1;
        await sleep(1);
      }
      return published;
    });
  }

  /** Offers 200k events a second without looking back, into handlers that manage a quarter of that. */
  async flood(seconds: number, warmUpMs: number): Promise<FloodResult> {
    for (let slice = 0; slice < 2; slice++) await this.slice(warmUpMs);
    await this.#control('reset');
    const contender = this.#contender;
    const rssBefore = process.memoryUsage.rss();
    const mainBefore = mainThreadCpuUs();
    const start = nowUs();
    let accepted = 0;
    let refused = 0;
    let growth = 0;
    let sampleAt = 0;
    let elapsedMs = 0;
    for (; elapsedMs < seconds * 1e3 && growth < FLOOD_RSS_CAP_MB; elapsedMs = (nowUs() - start) / 1e3) {
      const due = Math.floor((elapsedMs * FLOOD_PER_SECOND) / 1e3) - accepted - refused;
      for (let offer = Math.min(due, FLOOD_RUN_MAX); offer > 0; offer--) {
        if (contender.offer(accepted)) accepted++;
        else refused++;
      }
      contender.flushOffers();
      if (elapsedMs >= sampleAt) {
        growth = Math.max(growth, (process.memoryUsage.rss() - rssBefore) / 2 ** 20);
        sampleAt = elapsedMs + FLOOD_SAMPLE_EVERY_MS;
      }
      await sleep(1);
    }
    const mainAfter = mainThreadCpuUs();
    const handled = await this.#handledAfterFlood(accepted);
    return {
      seconds: elapsedMs / 1e3,
      accepted,
      refused,
      rssGrowthMb: Math.max(0, growth),
      rssCapReached: growth >= FLOOD_RSS_CAP_MB,
      mainCpuUs: mainBefore === null || mainAfter === null ? null : mainAfter - mainBefore,
      handled,
    };
  }

  /**
   * Does nothing and counts what that costs, after one and a half times as much rest: V8 collects the garbage of each thread once or twice in the
   * first half minute after a start, and never again while nothing happens.
   */
  async idle(seconds: number): Promise<IdleResult> {
    await sleep(SETTLE_MS + seconds * IDLE_REST * 1e3);
    const cpu = processCpuUs();
    const start = nowUs();
    await sleep(seconds * 1e3);
    return { cpuShare: (processCpuUs() - cpu) / (nowUs() - start) };
  }

  async #measure(publish: () => Promise<number>): Promise<SliceResult> {
    await this.#control('reset');
    const spinBefore = await this.#spinUs();
    const mainBefore = mainThreadCpuUs();
    const cpuBefore = processCpuUs();
    const start = nowUs();
    const events = await publish();
    const report = await this.#control('report');
    const seconds = (nowUs() - start) / 1e6;
    const processUs = processCpuUs() - cpuBefore;
    const mainAfter = mainThreadCpuUs();
    this.#verify(events, report);
    return {
      events,
      seconds,
      mainCpuUs: mainBefore === null || mainAfter === null ? null : mainAfter - mainBefore,
      processCpuUs: processUs,
      handlerUs: (spinBefore + (await this.#spinUs())) / 2,
      latency: report.latency,
    };
  }

  async #spinUs(): Promise<number> {
    return this.#workload.scenario.work === 'spin' ? (await this.#control('calibrate')).spinUs : 0;
  }

  #control(op: ControlRequest['op']): Promise<ControlReport> {
    const { scenario, spinIterations } = this.#workload;
    return this.#contender.control({ op, work: scenario.work, spinIterations });
  }

  async #handledAfterFlood(accepted: number): Promise<number | null> {
    const giveUp = new AbortController();
    const report = this.#control('report');
    // A pool may reject what is left when its process is stopped; by then nobody waits for it.
    report.catch(() => undefined);
    const timeout = sleep(FLOOD_DRAIN_MS, null, { signal: giveUp.signal }).catch(() => null);
    const first = await Promise.race([report, timeout]);
    giveUp.abort();
    if (first === null) return null;
    this.#verify(accepted, first);
    return accepted;
  }

  #verify(events: number, report: ControlReport): void {
    this.#workload.expected(events).forEach((expected, group) => {
      const actual = report.totals[group];
      if (actual?.count !== expected.count || actual.sum !== expected.sum)
        throw new Error(
          `checksum of group ${group} differs: handled ${actual?.count} events with sum ${actual?.sum}, ` +
            `published ${expected.count} with sum ${expected.sum}`,
        );
    });
  }
}
