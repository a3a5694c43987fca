/**
 * The two structures of mnemonist that deliveries wait in, loaded alone. Its entry for `import` loads all forty modules, in every thread, which took
 * a quarter of the time that a thread needs to load; its single files are exported for `require` only.
 * Thread: any.
 */
import { createRequire } from 'node:module';
import type * as mnemonist from 'mnemonist';

const require = createRequire(import.meta.url);

/** First in, first out, in constant time. */
export const Queue = require('mnemonist/queue') as typeof mnemonist.Queue;
export type Queue<Item> = mnemonist.Queue<Item>;

/** Binary heap; the smallest of a comparison comes first. */
export const Heap = require('mnemonist/heap') as typeof mnemonist.Heap;
export type Heap<Item> = mnemonist.Heap<Item>;
