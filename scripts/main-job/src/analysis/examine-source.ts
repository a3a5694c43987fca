/**
 * What the job finds out about one file besides its syntax: its hash, and its lines.
 * Thread: any.
 */
import { createHash } from 'node:crypto';
import type { Events } from '../events.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const TAB = 9;

/** SHA-256 of a file. */
export function hashSource(source: Buffer): Omit<Events['file.hashed'], 'package'> {
  return { sha256: createHash('sha256').update(source).digest('hex') };
}

/** Bytes, lines and blank lines of a file. A last line without a line feed counts too. */
export function countSource(source: Buffer): Omit<Events['file.counted'], 'package'> {
  let lines = 0;
  let blankLines = 0;
  let blank = true;
  for (const byte of source) {
    if (byte === LINE_FEED) {
      lines++;
      if (blank) blankLines++;
      blank = true;
    } else if (byte !== SPACE && byte !== TAB && byte !== CARRIAGE_RETURN) {
      blank = false;
    }
  }
  if (source.length > 0 && source.at(-1) !== LINE_FEED) {
    lines++;
    if (blank) blankLines++;
  }
  return { bytes: source.length, lines, blankLines };
}
