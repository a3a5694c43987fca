/** Lines of letters that no runtime has written. */
import type { LetterLine } from 'ringmain';

/** A letter that can be read, with a record of some bytes. */
export function letterLine(id: string, bytes = 8): string {
  const letter: LetterLine = {
    id,
    group: 'own',
    shard: null,
    reason: 'attempts',
    attempts: 1,
    crashes: 0,
    redrives: 0,
    error: null,
    event: { id, type: 'work.done', time: '2026-01-31T00:00:00Z', specversion: '1.0' },
    deadAt: '2026-01-31T00:00:00Z',
    record: Buffer.alloc(bytes).toString('base64'),
    eventsHash: 1,
  };
  return JSON.stringify(letter);
}
