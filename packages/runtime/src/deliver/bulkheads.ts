/**
 * The bulkheads of one thread: those that the configuration names, shared by the groups that name them, and those of single groups.
 * Thread: the consumer's.
 */
import { Doorbell, PermitCell } from '@ringmain/ring';
import type { BulkheadOptions } from '../bulkhead-options.ts';
import type { Subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import { Bulkhead } from './bulkhead.ts';

/** Bulkheads by name. */
export class Bulkheads {
  /** Called when a bulkhead may take more than before. */
  onReady: ((bulkhead: Bulkhead) => void) | undefined;

  private readonly context: ThreadContext;
  private readonly named = new Map<string, Bulkhead>();
  private readonly all: Bulkhead[] = [];

  constructor(context: ThreadContext) {
    this.context = context;
    context.live.watch(['bulkheads'], () => {
      for (const [name, bulkhead] of this.named) {
        bulkhead.configure(this.optionsOf(name));
        this.onReady?.(bulkhead);
      }
    });
  }

  /**
   * The bulkhead of a subscriber; undefined where nothing but the bay bounds it.
   *
   * @param number - of the subscriber; that of the first one is that of a shared bulkhead
   */
  of({ bulkhead }: Pick<Subscriber, 'bulkhead'>, number: number): Bulkhead | undefined {
    if (bulkhead === undefined) return undefined;
    if (typeof bulkhead !== 'string') return this.create(bulkhead, number);
    let shared = this.named.get(bulkhead);
    if (shared === undefined) this.named.set(bulkhead, (shared = this.create(this.optionsOf(bulkhead), number)));
    return shared;
  }

  /** Takes over what was leased; once a turn. */
  look(): void {
    for (const bulkhead of this.all) bulkhead.look();
  }

  /** True when more was leased to a bulkhead that has use for it. */
  hasNews(): boolean {
    for (const bulkhead of this.all) if (bulkhead.hasNews) return true;
    return false;
  }

  /** Gives back what nothing is about to use; before the thread sleeps. */
  rest(): void {
    for (const bulkhead of this.all) bulkhead.rest();
  }

  /** Ends all timers. */
  stop(): void {
    for (const bulkhead of this.all) bulkhead.stop();
  }

  private create(options: BulkheadOptions, number: number): Bulkhead {
    const { context } = this;
    const { atomics, control, seed } = context;
    const { threads, permitBell } = seed.plan;
    const base = ((threads[context.thread]?.permits ?? 0) >> 2) + number;
    const bulkhead = new Bulkhead(options, {
      permits: new PermitCell(atomics, control, base, new Doorbell(atomics, control, permitBell >> 2)),
      hasCoordinator: seed.config.shards !== 0,
      nowUs: () => runtimeUs(context),
      onReady: (ready) => this.onReady?.(ready),
    });
    this.all.push(bulkhead);
    return bulkhead;
  }

  private optionsOf(name: string): BulkheadOptions {
    return this.context.seed.config.bulkheads[name] ?? {};
  }
}
