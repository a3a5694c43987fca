/**
 * Pauses of redrives that go at a rate. All of them end when the runtime takes nothing more, so that none holds up a close or keeps the process alive.
 * Thread: main. Bounded by the redrives under way: each pauses once at a time.
 */
export class RedrivePauses {
  private readonly ends = new Set<() => void>();

  /** Waits for a time, or until the signal or {@link RedrivePauses.end} ends it. The platform's timers may be early. */
  pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.ends.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.ends.add(end);
      signal?.addEventListener('abort', end, { once: true });
      if (signal?.aborted === true) end();
    });
  }

  /** Ends all pauses: whoever paused looks at once whether it may go on. */
  end(): void {
    for (const end of this.ends) end();
  }
}
