/**
 * Until when events are refused although room is not what is missing: by a rate limit, the degradation ladder, a circuit breaker. Each type and
 * priority waits for its own time, so that a breaker of one type delays nobody else.
 * Thread: the publisher's. Bounded by its event types times the priorities; what is over leaves when the timer fires.
 */
import type { PriorityLevel } from '@ringmain/core';
import type { EventType } from '../events/event-type.ts';

const US_PER_MS = 1000;

/** The pauses of one publisher. */
export class Pauses {
  /** Called when a pause is over: whoever waits tries again. */
  onEnd: (() => void) | undefined;

  private readonly nowUs: () => number;
  private readonly untilUs = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private dueUs = Infinity;

  constructor(nowUs: () => number) {
    this.nowUs = nowUs;
  }

  /** True while something pauses. */
  get any(): boolean {
    return this.untilUs.size > 0;
  }

  /** True while events of a type pause. */
  has(type: EventType, priority: PriorityLevel): boolean {
    return this.untilUs.has(keyOf(type, priority));
  }

  /** An event was refused, and may be tried again after a time. Of several times the earliest counts: a large batch waits for longer than an event. */
  begin(type: EventType, priority: PriorityLevel, ms: number): void {
    const nowUs = this.nowUs();
    const key = keyOf(type, priority);
    const before = this.untilUs.get(key);
    const untilUs = nowUs + ms * US_PER_MS;
    if (before !== undefined && before > nowUs && before <= untilUs) return;
    this.untilUs.set(key, untilUs);
    this.arm(untilUs, nowUs);
  }

  /** Events of a type were let through after all. */
  end(type: EventType, priority: PriorityLevel): void {
    if (this.untilUs.size > 0 && this.untilUs.delete(keyOf(type, priority))) this.onEnd?.();
  }

  /** Forgets everything. A pause may begin afterwards. */
  clear(): void {
    clearTimeout(this.timer);
    this.dueUs = Infinity;
    this.untilUs.clear();
  }

  private arm(untilUs: number, nowUs: number): void {
    if (untilUs >= this.dueUs) return;
    clearTimeout(this.timer);
    this.dueUs = untilUs;
    this.timer = setTimeout(this.expire, Math.max(1, Math.ceil((untilUs - nowUs) / US_PER_MS))).unref();
  }

  private readonly expire = (): void => {
    const nowUs = this.nowUs();
    this.dueUs = Infinity;
    let next = Infinity;
    let isAnyOver = false;
    for (const [key, untilUs] of this.untilUs) {
      // A timer may be early by a fraction of its own resolution. Whoever was woken then would be refused once more.
      if (untilUs <= nowUs) isAnyOver = this.untilUs.delete(key);
      else next = Math.min(next, untilUs);
    }
    if (next !== Infinity) this.arm(next, nowUs);
    if (isAnyOver) this.onEnd?.();
  };
}

function keyOf(type: EventType, priority: PriorityLevel): string {
  return `${priority} ${type.name}`;
}
