/**
 * Watches how long events wait in the lanes of every thread, by priority, and says which lanes stand.
 * Thread: the coordinator.
 *
 * 1. A consumer tells once per turn how long its oldest records have waited.
 * 2. One that begins no turn tells nothing: while its heartbeat stands still and a lane holds records, their wait grows with the clock.
 * 3. Each (consumer, priority) has a `SojournControl`.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import type { SojournControlOptions } from '@ringmain/policy';
import { SojournControl } from '@ringmain/policy';
import { ThreadWord } from '@ringmain/ring';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ControlWords } from './control-words.ts';

interface Watched {
  readonly controls: readonly SojournControl[];
  heartbeat: number;
  /** Since when the heartbeat stands still although a lane of the priority holds records. */
  readonly stillSinceUs: (number | undefined)[];
  /** Bit mask of the priorities that stand. */
  standing: number;
  /** The longest wait of the last look. */
  longestUs: number;
}

/** Lanes of all threads. */
export class SojournWatch {
  private readonly words: ControlWords;
  private readonly watched: readonly Watched[];

  constructor(words: ControlWords, flow: RuntimeConfig['flow']) {
    this.words = words;
    const options = sojournOptions(flow);
    this.watched = Array.from({ length: words.threadCount }, () => ({
      controls: Array.from({ length: PRIORITY_COUNT }, () => new SojournControl(options)),
      heartbeat: 0,
      stillSinceUs: Array.from({ length: PRIORITY_COUNT }, () => undefined),
      standing: 0,
      longestUs: 0,
    }));
  }

  /** Takes other options from the next look on. */
  configure(flow: RuntimeConfig['flow']): void {
    for (const { controls } of this.watched) for (const control of controls) control.configure(sojournOptions(flow));
  }

  /** Takes one look at every lane. */
  observe(nowUs: number): void {
    for (const [consumer, watched] of this.watched.entries()) {
      if (this.words.isPresent(consumer)) this.look(consumer, watched, nowUs);
      else this.rest(watched, nowUs);
    }
  }

  /** Bit mask of a consumer's priorities that stand, as of the last look. */
  standing(consumer: number): number {
    return this.watched[consumer]?.standing ?? 0;
  }

  /** True when some lane has waited for long enough to be written down, as of the last look. */
  get isWaiting(): boolean {
    return this.watched.some(({ longestUs }) => longestUs > 0);
  }

  /** The highest pressure of all lanes of a priority. */
  pressure(priority: number, nowUs: number): number {
    return Math.max(...this.watched.map(({ controls }) => controls[priority]?.pressure(nowUs) ?? 0));
  }

  /** A thread that is gone has no lanes that stand, whatever was found last. */
  private rest(watched: Watched, nowUs: number): void {
    watched.stillSinceUs.fill(undefined);
    watched.standing = 0;
    watched.longestUs = 0;
    for (const control of watched.controls) control.observe(0, nowUs);
  }

  private look(consumer: number, watched: Watched, nowUs: number): void {
    const { words } = this;
    const heartbeat = words.read(consumer, ThreadWord.heartbeat);
    if (heartbeat !== watched.heartbeat) watched.stillSinceUs.fill(undefined);
    watched.heartbeat = heartbeat;
    watched.standing = 0;
    watched.longestUs = 0;
    const backlog = words.backlog(consumer);
    for (const [priority, control] of watched.controls.entries()) {
      const bit = 1 << priority;
      const holds = (backlog & bit) !== 0;
      // What came after the last turn has waited since the first look that saw it, at least.
      const stillSinceUs = holds ? (watched.stillSinceUs[priority] ?? nowUs) : undefined;
      watched.stillSinceUs[priority] = stillSinceUs;
      const sojournUs = holds ? words.read(consumer, ThreadWord.sojourn + priority) + nowUs - (stillSinceUs ?? nowUs) : 0;
      if (control.observe(sojournUs, nowUs)) watched.standing |= bit;
      watched.longestUs = Math.max(watched.longestUs, sojournUs);
    }
  }
}

/** What counts as standing, for lanes and for groups. */
export function sojournOptions({ targetMs, intervalMs }: RuntimeConfig['flow']): SojournControlOptions {
  return { targetUs: targetMs * 1000, intervalUs: intervalMs * 1000 };
}
