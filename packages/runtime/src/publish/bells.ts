/**
 * When the consumers of committed records are rung. A wake costs the one who rings 7 to 15 us, so it matters how often.
 * Thread: the publisher's.
 */
import type { OutLink } from './out-link.ts';

/** Rings consumers after commits. */
export interface Bells {
  /** A commit to this link is visible. */
  committed(link: OutLink): void;
  /** Rings everyone who was not rung yet. */
  flush(): void;
}

/** Rings at once. For the main thread, whose next turn may be far away: it is there to compute. */
export const promptBells: Bells = {
  committed: (link) => {
    link.bell.ring();
  },
  flush: () => {},
};

/**
 * Rings once per turn of the event loop at the latest. For shards, whose turns are short and whose handlers publish in bursts; the
 * thread loop flushes after every pass. Should the thread die in between, its successor or the coordinator rings.
 */
export class GatheredBells implements Bells {
  private readonly pending = new Set<OutLink>();
  private scheduled = false;

  committed(link: OutLink): void {
    this.pending.add(link);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.flushLater);
  }

  flush(): void {
    if (this.pending.size === 0) return;
    for (const link of this.pending) link.bell.ring();
    this.pending.clear();
  }

  private readonly flushLater = (): void => {
    this.scheduled = false;
    this.flush();
  };
}
