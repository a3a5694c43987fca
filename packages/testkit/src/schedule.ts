/**
 * A schedule as text: everything an execution needs to happen again.
 * `a3b2+1` reads: thread 0 three times, thread 1 twice, then toss number 1 (a kill, a choice or a timeout).
 * Thread: any.
 */
import { RingmainError } from '@ringmain/core';
import { THREADS_MAX } from './control-words.ts';

const FIRST_LETTER = 97;

/** One decision of an execution. */
export type Decision = { readonly kind: 'thread'; readonly thread: number } | { readonly kind: 'toss'; readonly outcome: number };

/** Writes decisions as text. */
export function formatSchedule(decisions: readonly Decision[]): string {
  let text = '';
  let at = 0;
  for (let decision = decisions[at]; decision !== undefined; decision = decisions[at]) {
    if (decision.kind === 'toss') {
      text += `+${decision.outcome}`;
      at++;
      continue;
    }
    let repeat = 0;
    for (
      let next: Decision | undefined = decision;
      next?.kind === 'thread' && next.thread === decision.thread;
      next = decisions[at + repeat]
    )
      repeat++;
    text += String.fromCharCode(FIRST_LETTER + decision.thread) + (repeat === 1 ? '' : String(repeat));
    at += repeat;
  }
  return text;
}

/**
 * Reads decisions from text.
 *
 * @throws RingmainError `RINGMAIN_OPTION_INVALID` when it is no schedule
 */
export function parseSchedule(text: string): Decision[] {
  const decisions: Decision[] = [];
  const token = /([a-z])(\d*)|\+(\d+)/gy;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    const thread = match?.[1] === undefined ? 0 : match[1].charCodeAt(0) - FIRST_LETTER;
    if (match === null || thread >= THREADS_MAX) {
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `schedule cannot be read at character ${at}`, {
        allowed: 'a to h with a count, or +number',
      });
    }
    if (match[3] !== undefined) decisions.push({ kind: 'toss', outcome: Number(match[3]) });
    else for (let repeat = Number(match[2] || 1); repeat > 0; repeat--) decisions.push({ kind: 'thread', thread });
  }
  return decisions;
}
