/** A contender that loses, repeats or swaps an event must fail, however fast it is. */
import { describe, expect, it } from 'vitest';
import type { Contender } from '../../dist/peers/contender.js';
import { SliceRunner } from '../../dist/peers/slice-runner.js';
import { type ControlReport, type ControlRequest, control, handleItem } from '../../dist/workload/consumer.js';
import { scenarios } from '../../dist/workload/scenarios.js';
import { Workload } from '../../dist/workload/workload.js';

const workload = new Workload(scenarios['event-64B'], 1);

/** Publishes 100 events of which `deliver` handles whatever it likes. */
class Hundred implements Contender {
  readonly #deliver: (index: number) => void;

  constructor(deliver: (index: number) => void) {
    this.#deliver = deliver;
  }

  async start(): Promise<void> {}

  async flowUntil(): Promise<number> {
    for (let index = 0; index < 100; index++) this.#deliver(index);
    return 100;
  }

  offer(): boolean {
    return true;
  }

  flushOffers(): void {}

  async control(request: ControlRequest): Promise<ControlReport> {
    return control(request);
  }

  async stop(): Promise<void> {}
}

const handle = (index: number): void => handleItem(workload.items[index]);
const slice = (deliver: (index: number) => void) => new SliceRunner(new Hundred(deliver), workload).slice(1);

describe('SliceRunner.slice()', () => {
  it('counts a contender that delivers everything once', async () => {
    expect((await slice(handle)).events).toBe(100);
  });

  it.each([
    ['loses', (index: number): void => void (index !== 50 && handle(index))],
    ['repeats', (index: number): void => (index === 50 ? [50, 50].forEach(handle) : handle(index))],
    ['swaps', (index: number): void => handle(index === 50 ? 51 : index)],
  ])('fails one that %s an event', async (_, deliver) => {
    await expect(slice(deliver)).rejects.toThrow('checksum of group 0 differs');
  });
});
