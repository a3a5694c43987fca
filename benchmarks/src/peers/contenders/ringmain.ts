/**
 * Common part of the ringmain contenders: the public API of the package and nothing else. When a publish is rejected the
 * publisher waits for room; control requests and reports are events too.
 * Thread: main thread of the contender's process.
 */
import { createRuntime, type RingmainEvent, type Runtime } from 'ringmain';
import { nowUs } from '../../measure/clock.ts';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import type { ControlReport, ControlRequest } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';
import { type BenchCodec, CONTROL_TYPE, events, REPORT_TYPE, typeName } from '../ringmain-events.ts';

const IDLE_SHARDS = 4;
const CHUNK = 256;

export class RingmainContender implements Contender {
  readonly #codec: BenchCodec;
  #runtime: Runtime | undefined;
  #types: readonly string[] = [];
  #data: readonly unknown[] = [];
  #report: ((report: ControlReport) => void) | undefined;

  constructor(codec: BenchCodec) {
    this.#codec = codec;
  }

  async start(workload: Workload): Promise<void> {
    // Keys of an object are unique strings, as the literals of a program are.
    const names = Object.fromEntries(workload.types.map((type) => [typeName(type, this.#codec), true]));
    const literals = new Map(Object.keys(names).map((name) => [name, name]));
    this.#types = workload.types.map((type) => literals.get(typeName(type, this.#codec)) as string);
    this.#data = workload.data;
    this.#runtime = await createRuntime({
      events,
      config: { shards: workload.scenario.measurement === 'idle' ? IDLE_SHARDS : 1, log: { level: 'warn' } },
      subscribers: [new URL('../workers/ringmain-handlers.js', import.meta.url)],
    });
    const reports = this.#runtime.subscribe(REPORT_TYPE, (event: RingmainEvent) => this.#report?.(event.data as ControlReport));
    await reports.ready;
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    let published = 0;
    while (nowUs() < deadlineUs) {
      const end = published + CHUNK;
      published = this.publishRange(published, end);
      if (published < end) await this.runtime.ready();
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    const place = index & TABLE_MASK;
    return this.runtime.publish(this.#types[place] ?? '', fresh ?? this.#data[place]).accepted;
  }

  flushOffers(): void {}

  async control(request: ControlRequest): Promise<ControlReport> {
    const report = new Promise<ControlReport>((resolve) => {
      this.#report = resolve;
    });
    await this.runtime.send(CONTROL_TYPE, request);
    return report;
  }

  async stop(): Promise<void> {
    await this.#runtime?.close();
  }

  /** Publishes the events from one index up to another and returns the index of the first that was not accepted. */
  protected publishRange(from: number, end: number): number {
    const { runtime } = this;
    const types = this.#types;
    const data = this.#data;
    for (let index = from; index < end; index++) {
      const place = index & TABLE_MASK;
      if (!runtime.publish(types[place] ?? '', data[place]).accepted) return index;
    }
    return end;
  }

  protected get runtime(): Runtime {
    if (this.#runtime === undefined) throw new Error('ringmain contender is not started');
    return this.#runtime;
  }

  /** Event type and data of the table, for variants that publish in another way. */
  protected typeAt(place: number): string {
    return this.#types[place] ?? '';
  }

  protected dataAt(place: number): unknown {
    return this.#data[place];
  }
}
