/**
 * Hands the letters that the store gives up to whoever asked for them: those that make room for newer ones, and those that are too old.
 * Thread: main.
 *
 * Letters are given up in the midst of taking others in, on the loop of the main thread and at the end of deliveries. A callback that throws, or whose
 * promise rejects, takes nothing with it but its letter. Failures are logged: the first at once, then together, at most once a second.
 */
import { describeError } from '@ringmain/core';
import type { Logger } from 'pino';
import { follow, isThenable } from '../deliver/thenable.ts';
import type { ThreadContext } from '../thread-context.ts';
import { runtimeUs } from '../thread-context.ts';
import type { StoredLetter } from './stored-letter.ts';

/** Why the store gives a letter up that nobody took: it made room for a newer one, or it was older than `ttlMs`. */
export type LetterGivenUp = 'evicted' | 'expired';

const LOG_EVERY_US = 1_000_000;

/** Where the letters of one store go that it gives up. */
export class LetterSpill {
  /** Is told of every such letter; it has left the store then. */
  onLetter: ((letter: StoredLetter, why: LetterGivenUp) => unknown) | undefined;

  private readonly context: ThreadContext;
  private readonly log: Logger;
  private failures = 0;
  private loggedUs = -Infinity;

  constructor(context: ThreadContext, log: Logger) {
    this.context = context;
    this.log = log;
  }

  /** Hands a letter over. Never throws. */
  hand(letter: StoredLetter, why: LetterGivenUp): void {
    if (this.onLetter === undefined) return;
    try {
      const result = this.onLetter(letter, why);
      if (isThenable(result)) follow(result, () => {}, this.failed);
    } catch (error) {
      this.failed(error);
    }
  }

  private readonly failed = (error: unknown): void => {
    this.failures++;
    const nowUs = runtimeUs(this.context);
    if (nowUs - this.loggedUs < LOG_EVERY_US) return;
    this.log.error(
      { err: describeError(error), letters: this.failures },
      'onEvict failed: dead letters that it was given may be lost',
    );
    this.failures = 0;
    this.loggedUs = nowUs;
  };
}
