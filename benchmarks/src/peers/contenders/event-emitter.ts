/**
 * `EventEmitter`: no second thread; handlers run on the main thread and block it. The floor for transport cost.
 * Thread: main thread of the contender's process.
 */
import { EventEmitter } from 'node:events';
import { nowUs } from '../../measure/clock.ts';
import { MIXED_GROUPS, type ReadFields, TABLE_MASK } from '../../workload/bench-events.ts';
import { type ControlReport, type ControlRequest, control, handle, handleInGroup } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';

const CHUNK = 256;

export default class EventEmitterContender implements Contender {
  readonly #emitter = new EventEmitter();
  #types: readonly string[] = [];
  #data: readonly ReadFields[] = [];

  async start(workload: Workload): Promise<void> {
    this.#types = workload.types;
    this.#data = workload.data;
    for (const type of new Set(workload.types)) {
      if (workload.scenario.work !== 'mixed') this.#emitter.on(type, (data: ReadFields) => handle(data));
      else
        for (let group = 0; group < MIXED_GROUPS; group++)
          this.#emitter.on(type, (data: ReadFields) => handleInGroup(group, data));
    }
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const emitter = this.#emitter;
    const types = this.#types;
    const data = this.#data;
    let published = 0;
    while (nowUs() < deadlineUs) {
      for (const end = published + CHUNK; published < end; published++) {
        const index = published & TABLE_MASK;
        emitter.emit(types[index] ?? '', data[index]);
      }
    }
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    const place = index & TABLE_MASK;
    this.#emitter.emit(this.#types[place] ?? '', fresh ?? this.#data[place]);
    return true;
  }

  flushOffers(): void {}

  async control(request: ControlRequest): Promise<ControlReport> {
    return control(request);
  }

  async stop(): Promise<void> {
    this.#emitter.removeAllListeners();
  }
}
