/**
 * A bulkhead in one thread: so many handlers of its groups may be under way at a time; further deliveries wait in the bay for one of them to end.
 *
 * Thread: the consumer's. A permit is held by an attempt that outlives its turn, from its handler's return to its end; a handler that returns no
 * promise runs by itself anyway, and one that waits for its next attempt does nothing. An attempt that is given up gives its permit back, though
 * what is left of it may go on: only the end of a thread ends it for certain.
 *
 * Up to three things shut it:
 * 1. The thread's own limit: a number, or one that adapts to how the calls go (`AdaptiveLimit`).
 * 2. The share of the processor: what handlers computed, the synchronous part of each call, is charged to `CpuShare`; a timer opens it again.
 * 3. The bound over all shards: permits that the coordinator leases (`PermitCell`). Here the call of a handler is covered too, by a permit in hand, from the
 *    look at the gate on: it may run beside those of other threads. The coordinator rings when it leases more.
 * Invariant: nothing waits while a permit is free and known to be. What waits is bounded by the bay, and so by the credit of its groups.
 */
import { AdaptiveLimit, CpuShare } from '@ringmain/policy';
import type { PermitCell } from '@ringmain/ring';
import type { AdaptiveOptions, BulkheadOptions } from '../bulkhead-options.ts';
import { adaptiveLimitOptions } from '../bulkhead-options.ts';
import type { Gate, Waiter } from './gate.ts';
import { WaitingDeliveries } from './gate.ts';

/** Parts that a bulkhead works with; all of one thread. */
export interface BulkheadParts {
  readonly permits: PermitCell;
  /** True where a coordinator leases permits. */
  readonly hasCoordinator: boolean;
  readonly nowUs: () => number;
  /** Has what waits begin, and the thread look again. */
  readonly onReady: (bulkhead: Bulkhead) => void;
}

/** Time over which the share of the processor is kept. */
const CPU_WINDOW_US = 100_000;
const US_PER_MS = 1000;

/** Permits of the groups of one bulkhead. */
export class Bulkhead implements Gate {
  private readonly parts: BulkheadParts;
  private limit = Infinity;
  /** The part of it that does not adapt. */
  private fixed = Infinity;
  private queueMax = Infinity;
  private adaptive: AdaptiveLimit | undefined;
  private cpu: CpuShare | undefined;
  private isLeased = false;
  private running = 0;
  /** The last delivery that asked had to wait for a lease. */
  private lacks = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting = new WaitingDeliveries();

  constructor(options: BulkheadOptions, parts: BulkheadParts) {
    this.parts = parts;
    this.configure(options);
  }

  /** Takes other bounds from now on; what runs already goes on. */
  configure({ concurrency = Infinity, queue = Infinity, globalConcurrency, adaptive, cpuShare }: BulkheadOptions): void {
    const { permits, hasCoordinator } = this.parts;
    this.queueMax = queue;
    this.isLeased = globalConcurrency !== undefined && hasCoordinator;
    if (!this.isLeased) this.lacks = false;
    this.adapt(adaptive);
    this.share(cpuShare);
    // Where there is one consumer, the bound over all is its own.
    this.fixed = Math.min(concurrency, hasCoordinator ? Infinity : (globalConcurrency ?? Infinity));
    this.limit = Math.min(this.fixed, this.adaptive?.limit ?? Infinity);
    permits.limitTo(this.adaptive?.limit ?? 0);
  }

  /** True when a delivery has to wait. If not, it may begin, once: what this finds holds until it is asked again. */
  get isShut(): boolean {
    if (this.running >= this.limit) return true;
    if (this.cpu !== undefined && this.isSpent(this.cpu)) return true;
    return this.isLeased && !this.isGranted;
  }

  /** True when a delivery may begin that is not held back by bounds of this thread: one that runs alone, because others may have died of it. */
  get isGranted(): boolean {
    if (!this.isLeased) return true;
    this.lacks = !this.parts.permits.reserve();
    if (this.lacks) this.tell();
    return !this.lacks;
  }

  /** True when as many wait as may. */
  get isQueueFull(): boolean {
    return this.waiting.size >= this.queueMax;
  }

  /** True where it matters how calls end, and how long they take. */
  get isAdaptive(): boolean {
    return this.adaptive !== undefined;
  }

  /** True where it matters how long handlers compute. */
  get isMetered(): boolean {
    return this.cpu !== undefined;
  }

  /** Has every delivery wait. */
  refuse(): undefined {
    return undefined;
  }

  /** Has a delivery wait for a permit, or a batch. */
  wait(waiter: Waiter): void {
    this.waiting.add(waiter);
    if (this.lacks) this.tell();
  }

  /** Lets one go that waits no longer. */
  forget(waiter: Waiter): void {
    this.waiting.remove(waiter);
  }

  /**
   * Takes a permit: also where none is left, for an attempt that is under way already.
   *
   * @returns when the call began, in microseconds; 0 where that does not matter
   */
  enter(): number {
    this.running++;
    this.parts.permits.enter(this.isLeased);
    return this.adaptive === undefined ? 0 : this.parts.nowUs();
  }

  /**
   * Gives a permit back.
   *
   * @param begunUs - what `enter` returned
   * @param failed - whether the call failed
   */
  leave(begunUs: number, failed: boolean): void {
    if (this.adaptive !== undefined && begunUs !== 0) this.learn(this.adaptive, begunUs, failed);
    this.running--;
    this.parts.permits.leave(this.isLeased);
  }

  /** Calls a handler, and charges what it computes until it returns. */
  metered<Result>(call: () => Result): Result {
    const { cpu, parts } = this;
    if (cpu === undefined) return call();
    const begunUs = parts.nowUs();
    try {
      return call();
    } finally {
      const endedUs = parts.nowUs();
      cpu.charge(endedUs - begunUs, endedUs);
    }
  }

  /** Who may begin now: of the most urgent, the oldest of the group whose turn it is. */
  next(): Waiter | undefined {
    return this.waiting.size === 0 || this.isShut ? undefined : this.waiting.take();
  }

  /** True when more was leased since a delivery had to wait for it: the look after arming the bell. */
  get hasNews(): boolean {
    // Whoever asked last may have found a permit, and have settled at once.
    const mayBegin = this.isLeased && this.waiting.size > 0 && this.running < this.limit && this.timer === undefined;
    return (this.lacks || mayBegin) && this.parts.permits.hasRoom;
  }

  /** Takes over what was leased; at the beginning of a turn. */
  look(): void {
    if (!this.isLeased) return;
    this.rest();
    // Whatever still lacks a permit says so in this turn.
    this.lacks = false;
    if (this.waiting.size > 0) this.parts.onReady(this);
  }

  /** Keeps no more than what runs; before the thread sleeps. */
  rest(): void {
    const { permits } = this.parts;
    if (!this.lacks) permits.want(0);
    permits.rest();
  }

  /** Ends the timer; what waits stays in the bay. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Says how many would begin at once with more permits: those that its own limit would let through. */
  private tell(): void {
    this.parts.permits.want(Math.max(1, Math.min(this.waiting.size, this.limit - this.running)));
  }

  private adapt(options: AdaptiveOptions | undefined): void {
    if (options === undefined) this.adaptive = undefined;
    else if (this.adaptive === undefined) this.adaptive = new AdaptiveLimit(adaptiveLimitOptions(options));
    else this.adaptive.configure(adaptiveLimitOptions(options));
  }

  private share(share: number | undefined): void {
    if (share === undefined) this.cpu = undefined;
    else if (this.cpu === undefined) this.cpu = new CpuShare({ share, windowUs: CPU_WINDOW_US });
    else this.cpu.configure({ share, windowUs: CPU_WINDOW_US }, this.parts.nowUs());
  }

  private learn(adaptive: AdaptiveLimit, begunUs: number, failed: boolean): void {
    const nowUs = this.parts.nowUs();
    if (!adaptive.ended(nowUs - begunUs, failed, this.running, nowUs)) return;
    this.limit = Math.min(this.fixed, adaptive.limit);
    this.parts.permits.limitTo(adaptive.limit);
  }

  /** True when the share of the processor is used up; a timer says when it is not. */
  private isSpent(cpu: CpuShare): boolean {
    const nowUs = this.parts.nowUs();
    if (!cpu.isSpent(nowUs)) return false;
    if (this.timer === undefined) {
      this.parts.permits.countCpuHeld();
      // The thread is held by its loop; the timer only has it look.
      this.timer = setTimeout(this.refilled, Math.max(1, Math.ceil(cpu.waitUs(nowUs) / US_PER_MS))).unref();
    }
    return true;
  }

  private readonly refilled = (): void => {
    this.timer = undefined;
    this.parts.onReady(this);
  };
}
