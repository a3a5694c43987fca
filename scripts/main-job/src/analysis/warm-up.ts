/**
 * Has the engine compile what the job runs, before time is taken.
 * Thread: every shard, and the single thread they are compared with; each has code of its own to compile.
 */
import { discoverFiles } from '../discover-files.ts';
import { countSource, hashSource } from './examine-source.ts';
import { kindOf, parseSource } from './parse-source.ts';
import { readSource } from './read-source.ts';

const FILES = 250;

/** Looks at the first files of the input and forgets what it saw. */
export function warmUp(): void {
  for (const { path } of discoverFiles(FILES)) {
    const source = readSource(path);
    parseSource(source, kindOf(path));
    hashSource(source);
    countSource(source);
  }
}
