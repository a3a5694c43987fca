/**
 * Publishes the events of dead letters again, each for the one group that could not handle it.
 * Thread: main.
 *
 * 1. The letters are chosen, oldest first, and their groups looked for: when one is not there, nothing happens at all.
 * 2. One after another is published; where there is no room, it waits as `send` does. 3. A letter leaves the store in the same step in which its event is
 *    accepted, so that it is never in both places and never in none.
 * Events of one key are published in the order in which they failed.
 */
import { RingmainError } from '@ringmain/core';
import type { PublishOutcome } from '@ringmain/core';
import type { EventType } from '../events/event-type.ts';
import { checkMark } from '../publish/one-group.ts';
import type { Publishing } from '../publish/publishing.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { LetterStore } from './letter-store.ts';
import type { StoredLetter } from './stored-letter.ts';
import type { RedrivePauses } from './redrive-pauses.ts';
import { redrivenRecord } from './redriven-record.ts';

/** What a redrive did. */
export interface RedriveReport {
  /** Letters that the call was about. */
  readonly matched: number;
  /** Letters whose events were accepted again; they are in the store no more. 0 in a dry run. */
  readonly redriven: number;
  /** Letters that left the store otherwise in the meantime. */
  readonly gone: number;
  /** Letters by group. */
  readonly groups: Readonly<Record<string, number>>;
  readonly dryRun: boolean;
  readonly tookMs: number;
}

/** What a redrive works with. */
export interface RedriveParts {
  readonly context: ThreadContext;
  readonly publishing: Publishing;
  readonly store: LetterStore;
  readonly pauses: RedrivePauses;
  /** Names of the subscriptions of the main thread that take a type. */
  readonly localGroups: (type: string) => readonly string[];
  /** Why nothing may be published any more. */
  readonly refusal: () => RingmainError | undefined;
}

/** Which letters, and how fast. */
export interface RedrivePlan {
  readonly letters: readonly StoredLetter[];
  /** Events per second at most. */
  readonly ratePerSec: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal | undefined;
}

interface Target {
  readonly type: EventType;
  readonly isLocal: boolean;
}

/** Letters published before the event loop has a turn. */
const BURST = 64;
/** Longest pause of the platform's timers. */
const PAUSE_MS_MAX = 2 ** 31 - 1;
const US_PER_MS = 1000;
const MS_PER_SECOND = 1000;

/**
 * Redrives.
 *
 * @throws (rejects) {@link RingmainError} `RINGMAIN_GROUP_UNKNOWN` before anything is published; `RINGMAIN_ABORTED` and `RINGMAIN_CLOSED` with
 * `details.redriven`; what `publish` throws
 */
export async function redriveLetters(parts: RedriveParts, plan: RedrivePlan): Promise<RedriveReport> {
  const { clock } = parts.context;
  const startUs = clock.monotonicUs();
  const groups: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const letter of plan.letters) {
    targetOf(parts, letter);
    groups[letter.group] = (groups[letter.group] ?? 0) + 1;
  }
  const done = { redriven: 0, gone: 0 };
  if (!plan.dryRun) await new Redrive(parts, plan, done).run();
  const tookMs = (clock.monotonicUs() - startUs) / US_PER_MS;
  return { matched: plan.letters.length, ...done, groups: { ...groups }, dryRun: plan.dryRun, tookMs };
}

class Redrive {
  private readonly parts: RedriveParts;
  private readonly plan: RedrivePlan;
  private readonly done: { redriven: number; gone: number };

  constructor(parts: RedriveParts, plan: RedrivePlan, done: { redriven: number; gone: number }) {
    this.parts = parts;
    this.plan = plan;
    this.done = done;
  }

  async run(): Promise<void> {
    const { pauses, context } = this.parts;
    const { clock } = context;
    const { letters, ratePerSec, signal } = this.plan;
    const startMs = clock.monotonicUs() / US_PER_MS;
    for (const [index, { id }] of letters.entries()) {
      if (index % BURST === BURST - 1) await pauses.pause(0, signal);
      const dueMs = startMs + (index / ratePerSec) * MS_PER_SECOND;
      // Timers may be early.
      for (let waitMs = 1; waitMs > 0;) {
        this.checkEnd();
        waitMs = dueMs - clock.monotonicUs() / US_PER_MS;
        if (waitMs > 0) await pauses.pause(Math.min(Math.ceil(waitMs), PAUSE_MS_MAX), signal);
      }
      await this.one(id);
    }
  }

  /** Tries until the event is accepted, or the letter is gone. */
  private async one(id: string): Promise<void> {
    const { store, publishing } = this.parts;
    for (;;) {
      this.checkEnd();
      const letter = store.get(id);
      if (letter === undefined) {
        this.done.gone++;
        return;
      }
      if (this.publish(letter).accepted) {
        store.remove(id, 'redriven');
        this.done.redriven++;
        return;
      }
      // Fails when it is aborted, which is looked at next.
      await publishing.room.ready(this.plan.signal).catch(() => {});
    }
  }

  private publish(letter: StoredLetter): PublishOutcome {
    const { context, publishing } = this.parts;
    const { type, isLocal } = targetOf(this.parts, letter);
    const record = redrivenRecord(letter, context.seed.config.recordBytesMax);
    return publishing.publisher.publishAgain({ ...record, type, isLocal, group: letter.group });
  }

  private checkEnd(): void {
    const { signal } = this.plan;
    const details = { redriven: this.done.redriven, matched: this.plan.letters.length };
    if (signal?.aborted === true)
      throw new RingmainError('RINGMAIN_ABORTED', `the redrive was aborted after ${details.redriven} letters`, {
        details,
        cause: signal.reason,
      });
    const refusal = this.parts.refusal();
    if (refusal === undefined) return;
    throw new RingmainError(refusal.code, `the redrive ended after ${details.redriven} letters`, { details, cause: refusal });
  }
}

/** Where the group of a letter is now. */
function targetOf({ publishing, localGroups }: RedriveParts, { id, group, type: { name } }: StoredLetter): Target {
  const type = publishing.publisher.typeOf(name);
  const hosted = type.targets.map((target) => target.name);
  const local = localGroups(name);
  const isLocal = !hosted.includes(group);
  if (isLocal && !local.includes(group)) {
    throw new RingmainError('RINGMAIN_GROUP_UNKNOWN', `no group ${group} takes events of ${name} now`, {
      allowed: [...hosted, ...local].join(', ') || 'a group that is subscribed',
      details: { group, type: name, letter: id },
    });
  }
  checkMark(type, group, [...hosted, ...local]);
  return { type, isLocal };
}
