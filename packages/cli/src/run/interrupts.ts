/**
 * Signals that end a run: the first asks it to stop reading and drain, the second to give up draining, and a third is left to the
 * system, which ends the process at once.
 * Thread: main.
 */

/** Signals that end a run. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

const END_SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM'];

/** Where signals come from: `process`, or a stand-in. */
export interface SignalSource {
  on(signal: EndSignal, listener: () => void): unknown;
  off(signal: EndSignal, listener: () => void): unknown;
}

/** Turns signals of the process into abort signals. */
export class Interrupts {
  /** Aborted by the first signal. */
  readonly stop: AbortSignal;
  /** Aborted by the second signal. */
  readonly abandon: AbortSignal;
  private readonly stopper = new AbortController();
  private readonly abandoner = new AbortController();
  private readonly source: SignalSource;
  private readonly onSignal: (signal: EndSignal, count: number) => void;
  private readonly listeners = new Map<EndSignal, () => void>();
  private first: EndSignal | undefined;

  /** @param onSignal - hears of the first and the second signal */
  constructor(source: SignalSource, onSignal: (signal: EndSignal, count: number) => void) {
    this.stop = this.stopper.signal;
    this.abandon = this.abandoner.signal;
    this.source = source;
    this.onSignal = onSignal;
    for (const signal of END_SIGNALS) {
      const listener = (): void => this.receive(signal);
      this.listeners.set(signal, listener);
      source.on(signal, listener);
    }
  }

  /** The signal that came first, if any. */
  get signal(): EndSignal | undefined {
    return this.first;
  }

  /** Leaves signals to the system again. */
  dispose(): void {
    for (const [signal, listener] of this.listeners) this.source.off(signal, listener);
    this.listeners.clear();
  }

  private receive(signal: EndSignal): void {
    if (this.first === undefined) {
      this.first = signal;
      this.onSignal(signal, 1);
      this.stopper.abort();
      return;
    }
    this.dispose();
    this.onSignal(signal, 2);
    this.abandoner.abort();
  }
}
