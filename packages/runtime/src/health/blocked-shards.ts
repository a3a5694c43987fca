/**
 * How long synchronous handlers have blocked the shards, as far as looks from outside can tell.
 * Thread: main. The words of a running shard move while they are read, so a handler counts once two looks in a row found it, from the look before the
 * first of them on.
 */
import { MAIN_THREAD, ThreadWord } from '@ringmain/ring';
import { ControlWords } from '../coordinator/control-words.ts';
import type { RunningHandler } from '../coordinator/running-handler.ts';
import { RunningHandlers, isSameHandler } from '../coordinator/running-handler.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';

/** A handler that blocks a shard. */
export interface BlockedShard {
  /** Name of its group; null if it could not be read. */
  readonly group: string | null;
  readonly blockedMs: number;
}

interface Found {
  readonly handler: RunningHandler;
  readonly restarts: number;
  readonly sinceUs: number;
}

const US_PER_MS = 1000;

/** Shards of one runtime. */
export class BlockedShards {
  private readonly words: ControlWords;
  private readonly handlers: RunningHandlers;
  private readonly found = new Map<number, Found>();
  private lookedUs = 0;

  constructor(context: ThreadContext, groups: readonly GroupDescription[]) {
    this.words = new ControlWords(context);
    this.handlers = new RunningHandlers(context, this.words, groups);
  }

  /** Takes one look at the first `shards` shards; what blocks each, if something does. */
  look(shards: number, nowUs: number): readonly (BlockedShard | undefined)[] {
    const blocked = Array.from({ length: shards }, (_, shard) => this.lookAt(shard + MAIN_THREAD + 1, nowUs));
    this.lookedUs = nowUs;
    return blocked;
  }

  private lookAt(thread: number, nowUs: number): BlockedShard | undefined {
    const handler = this.handlers.of(thread, nowUs);
    const restarts = this.words.read(thread, ThreadWord.chargeRestarts);
    if (handler === undefined) {
      this.found.delete(thread);
      return undefined;
    }
    const last = this.found.get(thread);
    if (last === undefined || last.restarts !== restarts || !isSameHandler(handler, last.handler)) {
      this.found.set(thread, { handler, restarts, sinceUs: Math.max(handler.stretchUs, this.lookedUs) });
      return undefined;
    }
    return { group: this.handlers.name(thread, handler).group, blockedMs: (nowUs - last.sinceUs) / US_PER_MS };
  }
}
