/**
 * A file that says how a running runtime is doing, for probes that cannot ask it.
 * Thread: main.
 *
 * Looked at every `lookMs`, and written when something has changed, or the file is `writeMs` old: so its time says that the process lives. Each version replaces the
 * one before it in one step, through a file beside it; nobody reads half of one. Gone when the run has ended.
 * Invariant: at most one write is under way.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { pid } from 'node:process';
import type { Clock } from '@ringmain/core';
import type { RuntimeHealth } from 'ringmain';

/** Longest time between two writes, in milliseconds. */
export const HEALTH_WRITE_MS = 5000;

/** What a file is written from. */
export interface HealthFileParts {
  readonly path: string;
  readonly health: () => RuntimeHealth;
  readonly clock: Clock;
  /** Time between two looks, in milliseconds. */
  readonly lookMs: number;
  /** Hears of a write that failed; once, until one succeeds. */
  readonly onFailure: (error: unknown) => void;
}

const US_PER_MS = 1000;

/** The file of one run. */
export class HealthFile {
  private readonly parts: HealthFileParts;
  private readonly timer: NodeJS.Timeout;
  private written = '';
  private writtenMs = 0;
  private writing: Promise<void> | undefined;
  private hasFailed = false;

  constructor(parts: HealthFileParts) {
    this.parts = parts;
    this.timer = setInterval(() => void this.look(), parts.lookMs).unref();
  }

  /** Takes one look, and writes the file if there is need; resolves once it is written. */
  look(): Promise<void> {
    const { health, clock } = this.parts;
    const text = `${JSON.stringify(health(), undefined, 2)}\n`;
    const nowMs = clock.monotonicUs() / US_PER_MS;
    if (this.writing !== undefined) return this.writing;
    if (text === this.written && nowMs - this.writtenMs < HEALTH_WRITE_MS) return Promise.resolve();
    this.written = text;
    this.writtenMs = nowMs;
    this.writing = this.write(text).finally(() => (this.writing = undefined));
    return this.writing;
  }

  /** Looks no more, and removes the file. */
  async remove(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    const { path } = this.parts;
    await Promise.all([rm(path, { force: true }), rm(besideOf(path), { force: true })]).catch(this.parts.onFailure);
  }

  private async write(text: string): Promise<void> {
    const { path, onFailure } = this.parts;
    try {
      await writeFile(besideOf(path), text);
      await rename(besideOf(path), path);
      this.hasFailed = false;
    } catch (error) {
      // The next look tries again.
      this.written = '';
      if (!this.hasFailed) onFailure(error);
      this.hasFailed = true;
    }
  }
}

/** In the same folder, so that it can take the place of the file in one step; of this process alone. */
function besideOf(path: string): string {
  return `${path}.${pid}`;
}
