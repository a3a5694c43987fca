/**
 * SIGHUP while a run goes on: the configuration is read again, and what may change while it runs changes.
 * Thread: main. One reload at a time; signals that come meanwhile are one more reload after it, as the file may have changed again.
 */
import type { ReloadReport } from 'ringmain';
import { formatError } from '../format-error.ts';

/** Where the signal comes from: `process`, or a stand-in. */
export interface HangupSource {
  on(signal: 'SIGHUP', listener: () => void): unknown;
  off(signal: 'SIGHUP', listener: () => void): unknown;
}

/** Turns SIGHUP into reloads. */
export class Hangups {
  private readonly source: HangupSource;
  private readonly reload: () => Promise<ReloadReport>;
  private readonly say: (text: string) => void;
  private reloading = false;
  private again = false;

  /**
   * @param reload - reads the configuration again
   * @param say - hears what changed, or why nothing did; whole lines
   */
  constructor(source: HangupSource, reload: () => Promise<ReloadReport>, say: (text: string) => void) {
    this.source = source;
    this.reload = reload;
    this.say = say;
    source.on('SIGHUP', this.receive);
  }

  /** Leaves the signal to the system again. */
  dispose(): void {
    this.source.off('SIGHUP', this.receive);
  }

  private readonly receive = (): void => {
    this.again = true;
    if (!this.reloading) void this.carryOut();
  };

  private async carryOut(): Promise<void> {
    this.reloading = true;
    while (this.again) {
      this.again = false;
      try {
        this.say(describeReload(await this.reload()));
      } catch (error) {
        this.say(`SIGHUP: ${formatError(error, false)}`);
      }
    }
    this.reloading = false;
  }
}

function describeReload({ changed }: ReloadReport): string {
  if (changed.length === 0) return 'SIGHUP: the configuration is the same\n';
  return changed.map(({ path, from, to }) => `SIGHUP: ${path} is ${inWords(to)} now, was ${inWords(from)}\n`).join('');
}

function inWords(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
