/**
 * Warns when critical events had used up their share of a thread and others came first: either too much is critical, or its handlers are slow.
 * Thread: the coordinator. At most one line in ten seconds for each consumer.
 */
import { MAIN_THREAD, ThreadCell } from '@ringmain/ring';
import type { Logger } from 'pino';
import type { ControlWords } from './control-words.ts';

const QUIET_US = 10_000_000;

interface Capped {
  count: number;
  warnedUs: number;
}

/** Alert of one runtime. */
export class CriticalAlert {
  private readonly words: ControlWords;
  private readonly log: Logger;
  private readonly consumers: readonly Capped[];

  constructor(words: ControlWords, log: Logger) {
    this.words = words;
    this.log = log;
    this.consumers = Array.from({ length: words.threadCount }, (_, thread) => ({
      count: words.cell(thread, ThreadCell.criticalCapped),
      warnedUs: -Infinity,
    }));
  }

  /** Takes one look. */
  check(nowUs: number): void {
    for (const [thread, capped] of this.consumers.entries()) {
      const count = this.words.cell(thread, ThreadCell.criticalCapped);
      if (count === capped.count || nowUs - capped.warnedUs < QUIET_US) continue;
      const consumer = thread === MAIN_THREAD ? 'main' : `shard-${thread - 1}`;
      this.log.warn({ consumer, times: count - capped.count }, 'critical events had used up their share of a thread');
      capped.count = count;
      capped.warnedUs = nowUs;
    }
  }
}
