/**
 * Looks into the bays for what a group waits for: handlers that run, or next attempts that are due later.
 * Thread: main. A look reads every slot of every bay, so it is taken only for a group that seems to be stalled. Words move while they are read: what is
 * said is worth something only if it is found again and again.
 */
import { DictionaryReader, recordViews } from '@ringmain/codec';
import { LIMITS } from '@ringmain/core';
import { BAY_SLOT_WORDS, DICTIONARY_BYTES, SlotState, SlotWord, bayWords, laneProducer } from '@ringmain/ring';
import { RouteTable } from '../publish/route-table.ts';
import type { GroupDescription } from '../subscribers/load-subscribers.ts';
import type { ThreadContext } from '../thread-context.ts';

/** Bays of one runtime. */
export class BayCensus {
  private readonly context: ThreadContext;
  private readonly routes: RouteTable;

  constructor(context: ThreadContext, groups: readonly GroupDescription[]) {
    this.context = context;
    this.routes = new RouteTable(groups, []);
  }

  /**
   * True when deliveries of a group wait for their next attempt and none of it runs: what else waits, waits behind them.
   *
   * @param group - its name; undefined for whatever the threads run
   * @param threads - the threads that run the group
   */
  isRetrying(group: string | undefined, threads: readonly number[]): boolean {
    const { plan, memory } = this.context.seed;
    let isPostponed = false;
    for (const thread of threads) {
      const { slots, bodies } = bayWords(plan, memory, thread);
      for (let base = 0; base < slots.length; base += BAY_SLOT_WORDS) {
        const state = slots[base + SlotWord.state];
        if (state !== SlotState.running && state !== SlotState.waiting) continue;
        if (group !== undefined && this.groupOf(slots, base, bodies) !== group) continue;
        if (state === SlotState.running) return false;
        isPostponed ||= (slots[base + SlotWord.delay] as number) > 0;
      }
    }
    return isPostponed;
  }

  private groupOf(slots: Int32Array, base: number, bodies: Int32Array): string | undefined {
    const topic = bodies[((slots[base + SlotWord.bodyChunk] as number) * LIMITS.bayChunkBytes) >> 2] as number;
    const type = this.typeName(laneProducer(slots[base + SlotWord.lane] as number), topic);
    return type === undefined ? undefined : this.routes.routeOf(type).targets[slots[base + SlotWord.step] as number]?.name;
  }

  private typeName(producer: number, id: number): string | undefined {
    const { seed } = this.context;
    const { types, plan, memory } = seed;
    const dictionary = plan.threads[producer]?.dictionary;
    if (id < LIMITS.openTypeIdBase || dictionary === undefined) return types[id];
    try {
      return new DictionaryReader(recordViews(memory.control, dictionary, DICTIONARY_BYTES), 0, DICTIONARY_BYTES).name(id);
    } catch {
      // The slot was freed while it was read.
      return undefined;
    }
  }
}
