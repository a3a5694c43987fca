/**
 * Closes a runtime when the process gets a signal, for services that ask for it. Without that no listener is ever added.
 * Thread: main.
 *
 * 1. The first signal closes the runtime, once, as `close()` does.
 * 2. The second hurries the close: nothing is waited for any more. From then on the signals are left to the system again, so that a third ends the
 *    process at once.
 * 3. When the runtime has closed, however that came, its listeners are gone. With `exit` the signal is sent to the process once more, which then ends
 *    by it, unless somebody else listens; `process.exit` is never called.
 * 4. Where a process has several runtimes, the signal is sent again after the last of those that a signal closes: the others would take it for the second.
 */
import { describeValue } from '@ringmain/core';
import type { Logger } from 'pino';
import { checkNames, refuseOption } from './check-names.ts';

/** Signals that may close a runtime. */
export const CLOSE_SIGNALS = Object.freeze(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGBREAK', 'SIGUSR2'] as const);

/** One of {@link CLOSE_SIGNALS}. */
export type CloseSignal = (typeof CLOSE_SIGNALS)[number];

/** Which signals close a runtime, and what happens then. */
export interface SignalOptions {
  /** @defaultValue SIGTERM and SIGINT */
  readonly on?: readonly CloseSignal[];
  /**
   * Ends the process by the same signal once the runtime has closed, and with it every other runtime of the process that a signal closes.
   *
   * @defaultValue false: the process ends when nothing keeps it alive any more
   */
  readonly exit?: boolean;
}

/** Where signals come from: `process`, or a stand-in. */
export interface CloseSignalSource {
  on(signal: CloseSignal, listener: () => void): unknown;
  off(signal: CloseSignal, listener: () => void): unknown;
  /** Sends a signal to the process itself. */
  raise(signal: CloseSignal): void;
}

/** What signals do to a runtime. */
export interface SignalTarget {
  close(): Promise<unknown>;
  hurry(): void;
}

const DEFAULT_SIGNALS: readonly CloseSignal[] = ['SIGTERM', 'SIGINT'];
const NAMES: ReadonlySet<string> = new Set<keyof SignalOptions>(['on', 'exit']);
const KNOWN: ReadonlySet<unknown> = new Set(CLOSE_SIGNALS);
const ALLOWED = `true, an array of ${CLOSE_SIGNALS.join(', ')}, or { on, exit }`;

const systemSignals: CloseSignalSource = {
  on: (signal, listener) => process.on(signal, listener),
  off: (signal, listener) => process.off(signal, listener),
  raise: (signal) => void process.kill(process.pid, signal),
};

/** What signals of one source are closing. */
interface Closing {
  runtimes: number;
  /** The process shall end by it after the last of them. */
  exitBy: CloseSignal | undefined;
}

const closings = new WeakMap<CloseSignalSource, Closing>();

/** Checks what the user asks for; undefined when no signal shall close the runtime. */
export function signalOptionsOf(given: unknown): Required<SignalOptions> | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return { on: DEFAULT_SIGNALS, exit: false };
  const options = Array.isArray(given) ? { on: given as unknown[] } : given;
  checkNames('signals', options, NAMES);
  const { on = DEFAULT_SIGNALS, exit = false } = options as { readonly on?: unknown; readonly exit?: unknown };
  if (!Array.isArray(on) || on.length === 0 || !on.every((signal) => KNOWN.has(signal)))
    refuseOption(`signals is ${describeValue(on)}`, ALLOWED);
  if (typeof exit !== 'boolean') refuseOption(`signals.exit is ${describeValue(exit)}`, 'true or false');
  return { on: [...new Set(on as readonly CloseSignal[])], exit };
}

/** The listeners of one runtime. */
export class CloseSignals {
  private readonly target: SignalTarget;
  private readonly options: Required<SignalOptions>;
  private readonly log: Logger;
  private readonly source: CloseSignalSource;
  private readonly listeners = new Map<CloseSignal, () => void>();
  private readonly closing: Closing;
  private received = 0;

  /** Listens from now on. */
  constructor(target: SignalTarget, options: Required<SignalOptions>, log: Logger, source = systemSignals) {
    this.target = target;
    this.options = options;
    this.log = log;
    this.source = source;
    this.closing = closings.get(source) ?? { runtimes: 0, exitBy: undefined };
    closings.set(source, this.closing);
    for (const signal of options.on) {
      const listener = (): void => this.receive(signal);
      this.listeners.set(signal, listener);
      source.on(signal, listener);
    }
  }

  /** Leaves the signals to the system again. */
  dispose(): void {
    for (const [signal, listener] of this.listeners) this.source.off(signal, listener);
    this.listeners.clear();
  }

  private receive(signal: CloseSignal): void {
    this.received++;
    if (this.received === 1) {
      this.closing.runtimes++;
      this.log.info({ signal }, 'a signal closes the runtime');
      void this.target.close().then(
        () => this.ended(signal),
        () => this.ended(signal),
      );
      return;
    }
    this.log.warn({ signal }, 'a second signal: the runtime closes without waiting');
    this.dispose();
    this.target.hurry();
  }

  private ended(signal: CloseSignal): void {
    const { closing, options, source } = this;
    this.dispose();
    if (options.exit) closing.exitBy ??= signal;
    closing.runtimes--;
    const { exitBy } = closing;
    if (closing.runtimes > 0 || exitBy === undefined) return;
    closing.exitBy = undefined;
    source.raise(exitBy);
  }
}
