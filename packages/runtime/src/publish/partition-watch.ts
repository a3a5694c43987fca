/**
 * Follows the partition table for one publisher: takes it over when it has changed, says so, and lets go what was held.
 * Thread: the publisher's, and never within a publish: a record that was routed by the table before would be committed after the acknowledgement. So
 * it is called in each turn of the thread's loop, and in a microtask after publishes that read the clock.
 */
import type { PartitionView } from '@ringmain/ring';
import type { Overflow } from './overflow/overflow.ts';

/** Watch of one publisher. */
export class PartitionWatch {
  readonly view: PartitionView;
  /** Called when the table has changed: whoever waits may try again. */
  onChange: (() => void) | undefined;

  private readonly overflow: Overflow;
  private readonly changed: () => void;

  /** @param changed - called when what a publish must look at has changed */
  constructor(view: PartitionView, overflow: Overflow, changed: () => void) {
    this.view = view;
    this.overflow = overflow;
    this.changed = changed;
  }

  /** Takes the table over, if it has changed. */
  readonly look = (): void => {
    if (!this.view.adopt()) return;
    this.overflow.reroute();
    this.changed();
    this.view.acknowledge();
    // What was held goes first, in its order.
    this.overflow.pump();
    this.onChange?.();
  };

  /** The thread gave up its leaving partitions: what it had staged for itself is held from now on. */
  handedOver(): void {
    this.overflow.reroute();
    this.changed();
  }
}
