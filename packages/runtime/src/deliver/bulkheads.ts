/**
 * The bulkheads of one thread: those that the configuration names, shared by the groups that name them, and those of single groups.
 * Thread: the consumer's.
 */
import type { BulkheadOptions } from '../bulkhead-options.ts';
import type { Subscriber } from '../subscriber.ts';
import type { ThreadContext } from '../thread-context.ts';
import { Bulkhead } from './bulkhead.ts';

/** Bulkheads by name. */
export class Bulkheads {
  /** Called when a bulkhead may take more than before. */
  onWiden: ((bulkhead: Bulkhead) => void) | undefined;

  private readonly context: ThreadContext;
  private readonly named = new Map<string, Bulkhead>();

  constructor(context: ThreadContext) {
    this.context = context;
    context.live.watch(['bulkheads'], () => {
      for (const [name, bulkhead] of this.named) {
        bulkhead.configure(this.optionsOf(name));
        this.onWiden?.(bulkhead);
      }
    });
  }

  /** The bulkhead of a subscriber; undefined where nothing but the bay bounds it. */
  of({ bulkhead }: Pick<Subscriber, 'bulkhead'>): Bulkhead | undefined {
    if (bulkhead === undefined) return undefined;
    if (typeof bulkhead !== 'string') return new Bulkhead(bulkhead);
    let shared = this.named.get(bulkhead);
    if (shared === undefined) this.named.set(bulkhead, (shared = new Bulkhead(this.optionsOf(bulkhead))));
    return shared;
  }

  private optionsOf(name: string): BulkheadOptions {
    return this.context.seed.config.bulkheads[name] ?? {};
  }
}
