/**
 * Carries out what a fault does to the thread it meets.
 * Thread: any that runs handlers; the main thread for what it publishes.
 */
import { systemAtomics } from '@ringmain/ring';
import type { Fault } from '@ringmain/testkit';
import { jumpClock } from './clock-jump.ts';

/** What a fault with the action `throw` throws. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  /** Position of the fault among those that were given. */
  readonly fault: number;

  /** @param fault - position of the fault */
  constructor(fault: number) {
    super(`fault ${fault} was injected`);
    this.fault = fault;
  }
}

const CHUNK = 10_000;
const EXIT_CODE = 1;

/** Carries a fault out, as far as that is done when this returns: what takes longer is returned as a promise. */
export function performFault({ action, ms, rule }: Fault): Promise<void> | undefined {
  switch (action) {
    case 'throw':
      throw new InjectedFault(rule);
    case 'delay':
      return new Promise((resolve) => {
        setTimeout(resolve, ms);
      });
    case 'hang':
      return new Promise(() => {});
    case 'slow':
      blockFor(ms);
      return undefined;
    case 'block':
      blockFor(Infinity);
      return undefined;
    case 'kill':
      // Of a worker, it ends that thread alone.
      process.exit(EXIT_CODE);
    case 'oom':
      return fillHeap();
    case 'clock-jump':
      jumpClock(ms);
      return undefined;
    default:
      // Dropped and duplicated is by whoever calls.
      return undefined;
  }
}

/** Stands still without using the processor. */
function blockFor(ms: number): void {
  systemAtomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function fillHeap(): never {
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: CHUNK }, (_, index) => index + 0.5));
}
