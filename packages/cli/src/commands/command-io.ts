/** Where a command writes and what it learns from the process; tests stand in for it. */
import type { HangupSource } from '../run/hangups.ts';
import type { SignalSource } from '../run/interrupts.ts';
import type { ProgressStream } from '../report/progress.ts';

/** Streams and signals of a command. */
export interface CommandIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: ProgressStream;
  readonly signals: SignalSource & HangupSource;
}
