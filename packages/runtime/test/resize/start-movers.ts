/** Starts runtimes whose partitions move, and publishes to them. */
import { fnv1a32Integer, partitionOf } from '@ringmain/core';
import type { PublishOutcome, RuntimeConfigInput } from 'ringmain';
// tidy: own runtime: threads are ended and coordinators die on purpose; each test settles its account by `closeAndCheck`.
import { createRuntime } from 'ringmain';
import { pino } from 'pino';
import { expect } from 'vitest';
import { compiledFixture } from '../compiled-fixture.mjs';
import { Board, GROUPS, KEYS } from './fixtures/board.ts';
import { events } from './fixtures/movers.ts';

export type MoverRuntime = Awaited<ReturnType<typeof startMovers>>['runtime'];

export async function startMovers(config: RuntimeConfigInput) {
  const board = Board.create();
  const runtime = await createRuntime({
    events,
    config: { log: { level: 'silent' }, warmSpare: false, ...config },
    subscribers: [compiledFixture(new URL('./fixtures/movers.ts', import.meta.url))],
    logger: pino({ level: 'silent' }),
  });
  return { runtime, board };
}

/** A key whose partition is that of a shard, as long as nothing has moved. */
export function keyOf(shard: number, shards: number): number {
  for (let key = 0; ; key++) if (partitionOf(fnv1a32Integer(key)) % shards === shard) return key;
}

/** Publishes steps of all keys until it is stopped. */
export class StepLoad {
  readonly outcomes = new Map<string, number>();
  private readonly runtime: MoverRuntime;
  private readonly steps = Array.from({ length: KEYS }, () => 0);
  private readonly running: Promise<void>;
  private stopped = false;
  private count = 0;

  constructor(runtime: MoverRuntime) {
    this.runtime = runtime;
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  /** Everything was handled by every group, in the order of each key and one at a time; a thread that died may have caused repeats. */
  check(board: Board, repeatsMax = 0): void {
    for (const group of GROUPS) expect(this.steps.map((_, key) => board.steps(group, key))).toEqual(this.steps);
    expect([board.read('early'), board.read('beside')]).toEqual([0, 0]);
    expect(board.read('repeated')).toBeLessThanOrEqual(repeatsMax);
  }

  /** Resolves when some more events were accepted. */
  async goesOn(more: number): Promise<void> {
    const least = this.count + more;
    while (this.count < least) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  private async run(): Promise<void> {
    for (let turn = 0; !this.stopped; turn++) {
      const key = (turn * 7) % KEYS;
      const outcome: PublishOutcome = this.runtime.publish('step.taken', { key, step: this.steps[key] ?? 0 });
      const name = outcome.status === 'rejected' ? `rejected: ${outcome.reason}` : outcome.status;
      this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
      if (outcome.accepted) {
        this.steps[key] = (this.steps[key] ?? 0) + 1;
        this.count++;
      } else await this.runtime.ready();
      if (turn % 50 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
