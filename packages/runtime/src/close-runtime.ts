/**
 * Closes a runtime, phase by phase, each with an end of its own: intake, drain, shards (or teardown, where the main thread hosts the handlers), threads.
 * Thread: main.
 *
 * 1. `intake`: nothing more is taken from outside; whoever waits for room is told. What handlers publish belongs to what is being drained.
 * 2. `drain`: until all that was accepted has settled, for `timeoutMs`. At half of it, handlers that are under way are told to stop.
 * 3. `shards`: each shard ends its loop and runs its teardowns, for what is left of `timeoutMs` and a second at least; then the coordinator ends it.
 * 4. `threads`: what is left is ended from here. A thread that hangs in native code does not end; the close does.
 * Invariant: every phase ends, whatever handlers, teardowns and threads do. Source: coordinated shutdown of Akka.
 */
import { inTime } from './in-time.ts';
import type { MetricsSnapshot } from './metrics/snapshot.ts';
import type { Batchers } from './publish/batchers.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { ClosePhase, ClosePhaseName, CloseReport } from './runtime-results.ts';

/** What a close asks of its runtime. */
export interface ClosingHost {
  readonly parts: RuntimeParts;
  readonly batchers: Batchers;
  /** Waits until everything accepted has settled; false when the time or the runtime is over, or `gaveUp` says so. */
  readonly quiet: (timeoutMs: number, gaveUp: () => boolean) => Promise<boolean>;
  readonly hasFailed: () => boolean;
  readonly metrics: () => MetricsSnapshot;
  /** Called when all threads have ended, before the report is written. */
  readonly closed: () => void;
  /** Monotonic time at which the runtime was up, in microseconds. */
  readonly startedUs: number;
}

/** Least time that shards have to end, however long the drain took. */
const STOP_MS_MIN = 1000;
/** What the coordinator needs beyond that to end shards that hang and to pass on what they printed. */
const STOP_GRACE_MS = 2000;
/** Time that threads which were ended have to be gone. */
const THREADS_MS = 2000;

/** The close of one runtime. */
export class RuntimeClosing {
  private readonly host: ClosingHost;
  private readonly phases: ClosePhase[] = [];
  private isHurried = false;
  private onHurry: () => void = () => {};
  private readonly hurried: Promise<false>;

  constructor(host: ClosingHost) {
    this.host = host;
    this.hurried = new Promise((resolve) => {
      this.onHurry = () => resolve(false);
    });
  }

  /** Waits for nothing any more: what has not settled is abandoned, and threads are ended where they are. */
  hurry(): void {
    this.isHurried = true;
    this.onHurry();
  }

  /**
   * Closes.
   *
   * @param timeoutMs - time for what was accepted to settle
   */
  async run(timeoutMs: number): Promise<CloseReport> {
    const { host } = this;
    const { context, room, inlineGroups } = host.parts;
    const deadlineUs = context.clock.monotonicUs() + timeoutMs * 1000;
    await this.phase('intake', Infinity, async () => this.endIntake());
    let drained = false;
    await this.phase('drain', Infinity, async () => {
      const half = setTimeout(() => this.stopHandlers(), timeoutMs / 2);
      try {
        drained = await host.quiet(timeoutMs, () => this.isHurried);
      } finally {
        clearTimeout(half);
      }
      return drained || host.hasFailed();
    });
    const unpublished = host.batchers.stop();
    endPublishing(host.parts);
    const leftMs = Math.max(STOP_MS_MIN, (deadlineUs - context.clock.monotonicUs()) / 1000);
    await this.stopShards(leftMs);
    host.parts.breakers?.stop();
    room.consumer.stop();
    if (inlineGroups !== undefined) {
      await this.phase('teardown', leftMs, async () => {
        await inlineGroups.teardown();
        return true;
      });
    }
    host.closed();
    for (const closed of host.parts.onClosed) closed();
    const metrics = host.metrics();
    const seconds = (context.clock.monotonicUs() - host.startedUs) / 1e6;
    const { inFlight: abandoned } = metrics.conservation;
    const deadLetters = metrics.deadLetters.count;
    return { drained, seconds, metrics, abandoned, deadLetters, unpublished, phases: this.phases };
  }

  private endIntake(): boolean {
    const { room, coordinator, onEnding } = this.host.parts;
    // The last that can be said.
    for (const ending of onEnding) ending();
    for (const { system } of room.producers()) system.close();
    void coordinator?.endMoves();
    room.publishing.sends.refuseUser();
    room.publishing.room.release();
    room.letters.pauses.end();
    return true;
  }

  /** Handlers that wait for what does not come settle while there is time. */
  private stopHandlers(): void {
    const { room, coordinator } = this.host.parts;
    room.consumer.stopHandlers();
    void coordinator?.stopHandlers();
  }

  private async stopShards(leftMs: number): Promise<void> {
    const { coordinator } = this.host.parts;
    if (coordinator === undefined) return;
    await this.phase('shards', leftMs + STOP_GRACE_MS, () => coordinator.stopShards(leftMs));
    await this.phase('threads', THREADS_MS, () => coordinator.end());
  }

  /**
   * Goes through one phase.
   *
   * @param work - resolves with false when something did not end by itself
   */
  private async phase(name: ClosePhaseName, limitMs: number, work: () => Promise<boolean>): Promise<void> {
    const { context, log } = this.host.parts;
    const startUs = context.clock.monotonicUs();
    // What is ended in a hurry is still waited for: threads that were ended are gone after some milliseconds.
    const ended = name === 'threads' ? work() : Promise.race([work(), this.hurried]);
    const isInTime = await (limitMs === Infinity ? ended : inTime(ended, limitMs, () => false));
    const ms = (context.clock.monotonicUs() - startUs) / 1000;
    this.phases.push({ name, ms, timedOut: !isInTime });
    if (!isInTime) log.warn({ phase: name, ms }, 'a phase of the close did not end in time; the runtime closes without it');
  }
}

/** No thread's producer takes anything more on the main thread, and every wait for room ends. */
export function endPublishing(
  { room, onEnding }: RuntimeParts,
  error?: Parameters<RuntimeParts['room']['publishing']['sends']['close']>[0],
): void {
  // A runtime that fails had no phase of the close before.
  if (error !== undefined) for (const ending of onEnding) ending();
  for (const { publisher, sends } of room.producers()) {
    publisher.close();
    sends.close(error);
  }
  room.publishing.room.release();
  room.letters.pauses.end();
}
