/**
 * Errors by which a handler says what shall become of its event: whoever throws anything else gets the retries that the group is set to.
 * They are told apart by name, so that those of another copy of the package count too.
 * Thread: any.
 */
import { RingmainError } from './errors.ts';
import { DAY_MS } from './limits.ts';

/** The event can never be handled: it is not retried. */
export class NonRetryableError extends Error {
  override readonly name = 'NonRetryableError';
}

/** The event is none for this handler after all: its delivery counts as `filtered`. */
export class SkipError extends Error {
  override readonly name = 'SkipError';
}

/** The event can be handled later: what a rate-limited service answered, for instance. Counts as an attempt. */
export class RetryAfterError extends Error {
  override readonly name = 'RetryAfterError';
  /** Milliseconds until the next attempt. */
  readonly delayMs: number;

  /**
   * @param delayMs - from 0 to 86,400,000
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`
   */
  constructor(delayMs: number, message = `retry after ${delayMs} ms`, options?: ErrorOptions) {
    super(message, options);
    if (typeof delayMs !== 'number' || !(delayMs >= 0 && delayMs <= DAY_MS)) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `delayMs is ${String(delayMs)}`, {
        allowed: `a number from 0 to ${DAY_MS}`,
      });
    }
    this.delayMs = delayMs;
  }
}

/** What an error asks for. `undefined`: nothing in particular. */
export type Settlement =
  | { readonly kind: 'never' }
  | { readonly kind: 'skip' }
  | { readonly kind: 'after'; readonly delayMs: number };

/** Reads what a handler threw; never throws, whatever that was. */
export function settlementOf(error: unknown): Settlement | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    if (error.name === 'NonRetryableError') return { kind: 'never' };
    if (error.name === 'SkipError') return { kind: 'skip' };
    if (error.name !== 'RetryAfterError') return undefined;
    const { delayMs } = error as { readonly delayMs?: unknown };
    return typeof delayMs === 'number' && delayMs >= 0 ? { kind: 'after', delayMs: Math.min(delayMs, DAY_MS) } : undefined;
  } catch {
    return undefined;
  }
}
