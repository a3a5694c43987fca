/** Figures of dead letters. Thread: main. */

/** Figures of the store. */
export interface DeadLetterMetrics {
  /** Letters kept now. */
  readonly count: number;
  /** Bytes of their records and errors, with a little for each. */
  readonly bytes: number;
  /** Letters that made room for newer ones. */
  readonly evicted: number;
  /** Letters that got older than `ttlMs`. */
  readonly expired: number;
  readonly purged: number;
  /** Letters whose events were published again. */
  readonly redriven: number;
  /** Age of the oldest letter in the store, in milliseconds; null when there is none. */
  readonly oldestMs: number | null;
}
