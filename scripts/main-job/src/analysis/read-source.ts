/**
 * Reads source files, the last one from memory: the groups of a shard look at the same file one after another.
 * Thread: any; each thread remembers its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../discover-files.ts';

let lastPath = '';
let lastSource: Buffer = Buffer.alloc(0);

/** Content of a file; its path is relative to the workspace. */
export function readSource(path: string): Buffer {
  if (path !== lastPath) {
    lastSource = readFileSync(join(ROOT, path));
    lastPath = path;
  }
  return lastSource;
}
