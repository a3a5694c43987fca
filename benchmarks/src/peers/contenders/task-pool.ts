/**
 * Common driver of the worker pools (piscina, tinypool, workerpool, poolifier): one task per event and a promise per task,
 * with 64 tasks outstanding, the way their users bound them.
 * Thread: main thread of the contender's process.
 */
import { nowUs } from '../../measure/clock.ts';
import { TABLE_MASK } from '../../workload/bench-events.ts';
import type { ControlReport, ControlRequest } from '../../workload/consumer.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Contender } from '../contender.ts';
import type { ControlMessage } from '../message-protocol.ts';

/** Tasks outstanding at most in saturated slices. */
export const POOL_CONCURRENCY = 64;

/** What the driver needs of a pool with one thread. */
export interface TaskPool {
  run(task: unknown): PromiseLike<unknown>;
  close(): Promise<unknown>;
}

export class TaskPoolContender implements Contender {
  readonly #pool: TaskPool;
  #items: readonly unknown[] = [];
  #pending = 0;
  #drained: (() => void) | undefined;
  #failure: unknown;

  constructor(pool: TaskPool) {
    this.#pool = pool;
  }

  async start(workload: Workload): Promise<void> {
    this.#items = workload.items;
    await this.control({ op: 'reset', work: workload.scenario.work, spinIterations: workload.spinIterations });
  }

  async flowUntil(deadlineUs: number): Promise<number> {
    const pool = this.#pool;
    const items = this.#items;
    let published = 0;
    const chain = async (): Promise<void> => {
      while (nowUs() < deadlineUs) await pool.run(items[published++ & TABLE_MASK]);
    };
    await Promise.all(Array.from({ length: POOL_CONCURRENCY }, chain));
    return published;
  }

  offer(index: number, fresh?: unknown): boolean {
    this.#pending++;
    this.#pool.run(fresh ?? this.#items[index & TABLE_MASK]).then(this.#settled, this.#failed);
    return true;
  }

  flushOffers(): void {}

  /** A pool keeps no order between a task and the tasks queued before, so the request waits for them. */
  async control(request: ControlRequest): Promise<ControlReport> {
    if (this.#pending > 0)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    if (this.#failure !== undefined) throw new Error('a task failed', { cause: this.#failure });
    return (await this.#pool.run({ control: request } satisfies ControlMessage)) as ControlReport;
  }

  async stop(): Promise<void> {
    await this.#pool.close();
  }

  readonly #settled = (): void => {
    if (--this.#pending === 0) this.#drained?.();
  };

  readonly #failed = (reason: unknown): void => {
    this.#failure ??= reason;
    this.#settled();
  };
}
