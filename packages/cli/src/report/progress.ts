/**
 * Live progress on standard error: a bar on a terminal when the size of the input is known, else a plain line now and then.
 * Thread: main; called by a timer, so it must be cheap.
 */
import { SingleBar } from 'cli-progress';
import { formatBytes, formatCount } from './format-values.ts';

/** What progress shows. */
export interface ProgressState {
  readonly events: number;
  readonly bad: number;
  readonly inFlight: number;
  readonly depthBytes: number;
  readonly bytesRead: number;
}

/** A way to show progress. */
export interface Progress {
  /** Milliseconds between two ticks. */
  readonly periodMs: number;
  /**
   * Shows the state.
   *
   * @param nowUs - monotonic time in microseconds
   */
  tick(state: ProgressState, nowUs: number): void;
  /** Prints a line of its own. */
  note(line: string): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

/** The stream to show it on. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a way to show progress depends on. */
export interface ProgressOptions {
  readonly quiet: boolean;
  /** Size of the whole input, when it is known. */
  readonly bytesTotal: number | undefined;
  /** Monotonic time at which the run begins, in microseconds. */
  readonly nowUs: number;
}

/** Chooses how to show progress. */
export function createProgress(stream: ProgressStream, options: ProgressOptions): Progress {
  const { quiet, bytesTotal, nowUs } = options;
  if (quiet) return new SilentProgress(stream);
  if (stream.isTTY === true && bytesTotal !== undefined && bytesTotal > 0) return new BarProgress(stream, bytesTotal, nowUs);
  return new LineProgress(stream, bytesTotal, nowUs);
}

/** Events per second between two ticks. */
class Rate {
  private events = 0;
  private atUs: number;

  constructor(nowUs: number) {
    this.atUs = nowUs;
  }

  next(events: number, nowUs: number): number {
    const elapsedUs = nowUs - this.atUs;
    const rate = elapsedUs > 0 ? ((events - this.events) * 1e6) / elapsedUs : 0;
    this.events = events;
    this.atUs = nowUs;
    return rate;
  }
}

class SilentProgress implements Progress {
  readonly periodMs = 1000;
  private readonly stream: ProgressStream;

  constructor(stream: ProgressStream) {
    this.stream = stream;
  }

  tick(): void {}

  note(line: string): void {
    this.stream.write(`${line}\n`);
  }

  stop(): void {}
}

class LineProgress implements Progress {
  readonly periodMs = 1000;
  private readonly stream: ProgressStream;
  private readonly bytesTotal: number | undefined;
  private readonly rate: Rate;

  constructor(stream: ProgressStream, bytesTotal: number | undefined, nowUs: number) {
    this.stream = stream;
    this.bytesTotal = bytesTotal;
    this.rate = new Rate(nowUs);
  }

  tick(state: ProgressState, nowUs: number): void {
    const rate = this.rate.next(state.events, nowUs);
    const share =
      this.bytesTotal === undefined || this.bytesTotal === 0
        ? ''
        : `, ${Math.floor((100 * state.bytesRead) / this.bytesTotal)}% of the input`;
    const bad = state.bad === 0 ? '' : `, ${formatCount(state.bad)} bad`;
    this.note(
      `${formatCount(state.events)} events, ${formatCount(rate)}/s, ${formatCount(state.inFlight)} in flight, ${formatBytes(state.depthBytes)} queued${bad}${share}`,
    );
  }

  note(line: string): void {
    this.stream.write(`${line}\n`);
  }

  stop(): void {}
}

class BarProgress implements Progress {
  readonly periodMs = 200;
  private readonly stream: ProgressStream;
  private readonly bytesTotal: number;
  private readonly bar: SingleBar;
  private readonly rate: Rate;

  constructor(stream: ProgressStream, bytesTotal: number, nowUs: number) {
    this.stream = stream;
    this.bytesTotal = bytesTotal;
    this.rate = new Rate(nowUs);
    this.bar = new SingleBar({
      stream,
      format: '{bar} {percentage}% | {events} events | {rate}/s | {inFlight} in flight | {eta_formatted} left',
      clearOnComplete: true,
      hideCursor: true,
      // The bar redraws when it is told to; its own timer and signal handlers would outlive it.
      noTTYOutput: false,
      gracefulExit: false,
      barsize: 24,
    });
    this.bar.start(bytesTotal, 0, { events: '0', rate: '0', inFlight: '0' });
  }

  tick(state: ProgressState, nowUs: number): void {
    const rate = this.rate.next(state.events, nowUs);
    this.bar.update(Math.min(state.bytesRead, this.bytesTotal), {
      events: formatCount(state.events),
      rate: formatCount(rate),
      inFlight: formatCount(state.inFlight),
    });
  }

  note(line: string): void {
    // Carriage return and "erase line": the bar draws itself again below at its next tick.
    this.stream.write(`\r\u001B[K${line}\n`);
  }

  stop(): void {
    this.bar.stop();
  }
}
