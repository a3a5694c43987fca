/**
 * What waits for the next batch of a group, and how much of it may be handed over.
 * Thread: the consumer's.
 * Invariant: at most one batch runs. The group's breaker knows how many deliveries wait here that could begin, so that it asks for as many probes.
 */
import type { Slot } from '@ringmain/ring';
import type { Group } from './group.ts';

/** A delivery that waits. */
interface Gathered {
  readonly slot: Slot;
  readonly sinceUs: number;
}

/** Deliveries of one group that wait. */
export class Gathering {
  readonly group: Group;
  /** Most events of one batch. */
  readonly size: number;

  private readonly timeoutUs: number;
  /** Bounded by the bay's slots. */
  private waiting: Gathered[] = [];
  private running = false;
  /** What the breaker was told. */
  private told = 0;

  constructor(group: Group) {
    const { size = 1, timeoutMs = 0 } = group.batch ?? {};
    this.group = group;
    this.size = size;
    this.timeoutUs = timeoutMs * 1000;
  }

  /** True when a full batch waits for nothing but its turn. */
  get isFull(): boolean {
    return !this.running && this.waiting.length >= this.size && !this.isHeld;
  }

  /** True when a batch is full, or its oldest event overdue. */
  isDue(nowUs: number): boolean {
    const [oldest] = this.waiting;
    if (oldest === undefined) return false;
    return this.waiting.length >= this.size || nowUs - oldest.sinceUs >= this.timeoutUs;
  }

  /** Adds one. */
  add(slot: Slot, sinceUs: number): void {
    this.waiting.push({ slot, sinceUs });
    this.tell();
  }

  /** How many may be handed over now, up to a full batch: a batch is one handler under way, and takes a permit as any other. */
  admitted(): number {
    const { group, waiting } = this;
    if (this.running || waiting.length === 0 || group.bulkhead?.isShut === true) return 0;
    const most = Math.min(this.size, waiting.length);
    if (group.breaker === undefined) return most;
    const admitted = group.breaker.admits(most);
    if (admitted === 0) group.breaker.ask();
    return admitted;
  }

  /** True when the breaker keeps what waits from being handed over, and the group has it wait. */
  get isHeld(): boolean {
    const { breaker } = this.group;
    return breaker !== undefined && breaker.onOpen === 'hold' && breaker.isShut;
  }

  /** True when the breaker keeps what waits from being handed over, and the group has something else become of it. */
  get isRefused(): boolean {
    const { breaker } = this.group;
    return breaker !== undefined && breaker.onOpen !== 'hold' && this.waiting.length > 0 && breaker.isShut;
  }

  /** Takes the oldest ones. */
  take(count: number): Slot[] {
    const taken = this.waiting.splice(0, count).map(({ slot }) => slot);
    this.tell();
    return taken;
  }

  /** A batch runs, or has ended. */
  set isRunning(running: boolean) {
    this.running = running;
    this.tell();
  }

  /** What waits for the end of a batch could not take a probe. */
  private tell(): void {
    const count = this.running ? 0 : this.waiting.length;
    if (count === this.told) return;
    this.group.breaker?.gather(count - this.told);
    this.told = count;
  }
}
