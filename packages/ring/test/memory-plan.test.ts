/** The memory plan for every number of shards: nothing overlaps, everything is aligned, words of different writers stand apart. */
import { LIMITS, PARTITION_COUNT } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import {
  ANSWER_LANE,
  BAY_SLOT_BYTES,
  CELL_BYTES,
  CREDIT_BYTES,
  CreditWord,
  DICTIONARY_BYTES,
  GROUP_CELLS,
  HISTOGRAM_BYTES,
  LANE_COUNT,
  LETTER_LANE,
  LINK_BYTES,
  LayoutBuilder,
  LinkWord,
  PUBLISH_DROPS,
  THREAD_BYTES,
  THREAD_CELLS,
  TYPE_CELLS,
  ThreadWord,
  WRITER_STRIDE_BYTES,
  allocateMemory,
  bayWords,
  bodyBytesMaxOf,
  laneNumber,
  lanePriority,
  laneProducer,
  laneRegion,
  laneWords,
  linkIndex,
  planMemory,
  setPositions,
} from '@ringmain/ring';
import type { MemoryPlan, MemoryPlanOptions } from '@ringmain/ring';
import { codeOf } from './refusal.ts';

interface Region {
  readonly name: string;
  readonly start: number;
  readonly bytes: number;
}

const options: MemoryPlanOptions = {
  shards: 2,
  laneBytes: [4096, 8192, 65_536, 4096],
  meshLaneBytes: 8192,
  baySlots: 100,
  bayBytes: 4096,
};
const shardCounts = Array.from({ length: LIMITS.shardsMax + 1 }, (_, shards) => shards);

/** Every region of the control buffer. */
function controlRegions(plan: MemoryPlan): Region[] {
  const regions: Region[] = [{ name: 'partitions', start: plan.partitionTable, bytes: PARTITION_COUNT * 4 }];
  for (const [thread, at] of plan.threads.entries()) {
    regions.push({ name: `words ${thread}`, start: at.words, bytes: THREAD_BYTES });
    regions.push({ name: `cells ${thread}`, start: at.cells, bytes: THREAD_CELLS * CELL_BYTES });
    regions.push({ name: `types ${thread}`, start: at.typeCells, bytes: TYPE_CELLS * CELL_BYTES });
    regions.push({ name: `drops ${thread}`, start: at.dropCells, bytes: TYPE_CELLS * PUBLISH_DROPS.length * CELL_BYTES });
    regions.push({ name: `groups ${thread}`, start: at.groupCells, bytes: LIMITS.groupsMax * GROUP_CELLS * CELL_BYTES });
    regions.push({ name: `dictionary ${thread}`, start: at.dictionary, bytes: DICTIONARY_BYTES });
    regions.push({ name: `histograms ${thread}`, start: at.histograms, bytes: LIMITS.groupsMax * HISTOGRAM_BYTES });
  }
  for (let producer = 0; producer < plan.threadCount; producer++) {
    for (let consumer = 0; consumer < plan.threadCount; consumer++) {
      regions.push({ name: `link ${producer}-${consumer}`, start: linkIndex(plan, producer, consumer) * 4, bytes: LINK_BYTES });
    }
  }
  return regions;
}

/** Checks that regions lie inside `bytes`, one behind the other. */
function checkDisjoint(regions: readonly Region[], bytes: number, alignment: number): void {
  let end = 0;
  for (const region of regions.toSorted((a, b) => a.start - b.start)) {
    if (region.start < end || region.start % alignment !== 0) expect.fail(`${region.name} at ${region.start}, free from ${end}`);
    end = region.start + region.bytes;
  }
  expect(end).toBeLessThanOrEqual(bytes);
}

describe('planMemory()', () => {
  it('lays out the control buffer of 0 to 64 shards without overlap, each region on a stride of its own', () => {
    for (const shards of shardCounts) {
      const plan = planMemory({ ...options, shards });
      expect([plan.threadCount, plan.threads.length]).toEqual([shards + 1, shards + 1]);
      checkDisjoint(controlRegions(plan), plan.controlBytes, WRITER_STRIDE_BYTES);
    }
  });

  it('lays out the lanes of every producer without overlap, in the sizes that were asked for', () => {
    for (const shards of [0, 1, 2, 7, 64]) {
      const plan = planMemory({ ...options, shards });
      for (let producer = 0; producer <= shards; producer++) {
        const regions: Region[] = [];
        for (let consumer = 0; consumer <= shards; consumer++) {
          for (let priority = 0; priority < LANE_COUNT; priority++) {
            const { offset, bytes } = laneRegion(plan, producer, consumer, priority);
            const configured = producer === 0 ? options.laneBytes[priority] : options.meshLaneBytes;
            // Letters go from shards to the main thread only.
            const letters = consumer === 0 && producer !== 0 ? 32_768 : 0;
            expect(bytes).toBe(priority === ANSWER_LANE ? 65_536 : priority === LETTER_LANE ? letters : configured);
            if (bytes === 0) continue;
            regions.push({ name: `lane ${producer}-${consumer}/${priority}`, start: offset, bytes });
          }
        }
        const outboxBytes = plan.outboxBytes[producer] ?? 0;
        checkDisjoint(regions, outboxBytes, LIMITS.laneBytesMin);
        expect(regions.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(outboxBytes);
      }
    }
  });

  it.each([1, 3, 64, 100, 65_536])('puts the bodies of a bay of %d slots behind them, on a stride', (baySlots) => {
    const plan = planMemory({ ...options, baySlots });
    expect(plan.bayBodies).toBeGreaterThanOrEqual(baySlots * BAY_SLOT_BYTES);
    expect(plan.bayBodies % WRITER_STRIDE_BYTES).toBe(0);
    expect(plan.bayBytes).toBe(plan.bayBodies + options.bayBytes);
  });

  it('gives the same plan to everyone who computes it, also from a copy', () => {
    expect(planMemory(structuredClone(options))).toEqual(structuredClone(planMemory(options)));
  });
});

describe('allocateMemory()', () => {
  it('reserves zeroed shared buffers of the planned sizes', () => {
    const plan = planMemory(options);
    const { control, outboxes, bays } = allocateMemory(plan);
    expect(control).toBeInstanceOf(SharedArrayBuffer);
    expect(control.byteLength).toBe(plan.controlBytes);
    expect(outboxes.map(({ byteLength }) => byteLength)).toEqual(plan.outboxBytes);
    expect(bays.map(({ byteLength }) => byteLength)).toEqual([plan.bayBytes, plan.bayBytes, plan.bayBytes]);
    expect(new Int32Array(control).every((word) => word === 0)).toBe(true);
  });

  it('says what could not be reserved', () => {
    const plan = { ...planMemory(options), controlBytes: 2 ** 53 };
    expect(codeOf(() => allocateMemory(plan))).toBe('RINGMAIN_LIMIT_EXCEEDED');
  });
});

describe('LayoutBuilder', () => {
  it.each([0, 1, 127, 128, 129, 1000])('puts what follows a region of %d bytes on the next stride', (bytes) => {
    const builder = new LayoutBuilder();
    const first = builder.region(bytes);
    const second = builder.region(1);
    expect([first, second, builder.bytes]).toEqual([0, Math.ceil(bytes / 128) * 128, Math.ceil(bytes / 128) * 128 + 128]);
  });
});

describe('ThreadWord and LinkWord', () => {
  const lines = (words: Record<string, number>, writerOf: (name: string) => string): Map<number, Set<string>> => {
    const found = new Map<number, Set<string>>();
    for (const [name, word] of Object.entries(words)) {
      const line = Math.floor((word * 4) / WRITER_STRIDE_BYTES);
      found.set(line, (found.get(line) ?? new Set()).add(writerOf(name)));
    }
    return found;
  };

  it('give each word of a thread a place of its own inside the block, and each line one writer', () => {
    const places = Object.values(ThreadWord);
    expect(new Set(places).size).toBe(places.length);
    expect((Math.max(...places) + 1) * 4).toBeLessThanOrEqual(THREAD_BYTES);
    const supervisor =
      /^(?:charge|spare|controlEpoch|rung|weights|ladderRung|pressure|slowHandlers|stuckHandlers|partitionMoves|moves|lastMove|seatState|coordinatorTicks)/;
    const writerOf = (name: string): string => (name === 'bell' ? 'anyone' : supervisor.test(name) ? 'supervisor' : 'thread');
    for (const writers of lines(ThreadWord, writerOf).values()) expect(writers.size).toBe(1);
  });

  it('keep the words of producer and consumer of a link on lines of their own', () => {
    const writerOf = (name: string): string => (['head', 'progress'].includes(name) ? 'consumer' : 'producer');
    const { credit, ...words } = LinkWord;
    const found = lines(words, writerOf);
    expect([...found.values()].map((writers) => [...writers])).toEqual([['producer'], ['consumer'], ['consumer']]);
    expect(LinkWord.lanesInUse).toBeGreaterThanOrEqual(LinkWord.tail + LANE_COUNT);
    expect(credit).toBeGreaterThanOrEqual(LinkWord.progress + LANE_COUNT);
    expect(credit * 4 + CREDIT_BYTES).toBe(LINK_BYTES);
    const owner = { published: 'producer', refused: 'producer', share: 'coordinator' } as Readonly<Record<string, string>>;
    for (const writers of lines(CreditWord, (name) => owner[name] ?? 'consumer').values()) expect(writers.size).toBe(1);
  });
});

describe('laneWords()', () => {
  it('gives producer and consumer the same words, and every lane its own', () => {
    const plan = planMemory(options);
    const memory = allocateMemory(plan);
    const indexes = new Set<number>();
    for (let producer = 0; producer < 3; producer++) {
      for (let consumer = 0; consumer < 3; consumer++) {
        for (let priority = 0; priority < LANE_COUNT; priority++) {
          const words = laneWords(plan, memory, producer, consumer, priority);
          for (const index of [words.tailIndex, words.headIndex, words.progressIndex]) indexes.add(index);
          expect(words.control.buffer).toBe(memory.control);
          expect(words.data.buffer).toBe(memory.outboxes[producer]);
          expect(words.data.byteOffset).toBe(laneRegion(plan, producer, consumer, priority).offset);
          expect(words.data.byteLength).toBe(laneRegion(plan, producer, consumer, priority).bytes);
        }
      }
    }
    expect(indexes.size).toBe(3 * 3 * LANE_COUNT * 3);
  });

  it('numbers lanes by producer and priority', () => {
    for (let producer = 0; producer <= LIMITS.shardsMax; producer++) {
      for (let priority = 0; priority < LANE_COUNT; priority++) {
        const lane = laneNumber(producer, priority);
        expect([laneProducer(lane), lanePriority(lane)]).toEqual([producer, priority]);
      }
    }
  });
});

describe('setPositions()', () => {
  it('moves every position of every lane and nothing else', () => {
    const plan = planMemory({ ...options, shards: 1 });
    const memory = allocateMemory(plan);
    setPositions(plan, memory, -9);
    const words = new Int32Array(memory.control);
    expect(words.filter((word) => word === -9).length).toBe(4 * LANE_COUNT * 3);
    expect(words.filter((word) => word !== 0).length).toBe(4 * LANE_COUNT * 3);
    const lane = laneWords(plan, memory, 1, 0, 2);
    expect([words[lane.tailIndex], words[lane.headIndex], words[lane.progressIndex]]).toEqual([-9, -9, -9]);
  });
});

describe('bayWords() and bodyBytesMaxOf()', () => {
  it('give the slots and bodies that the plan names', () => {
    const plan = planMemory(options);
    const { slots, bodies } = bayWords(plan, allocateMemory(plan), 1);
    expect([slots.byteOffset, slots.byteLength]).toEqual([0, options.baySlots * BAY_SLOT_BYTES]);
    expect([bodies.byteOffset, bodies.byteLength]).toEqual([plan.bayBodies, options.bayBytes]);
  });

  it('name the body that the smallest lane, the bay and the limit all take', () => {
    expect(bodyBytesMaxOf(planMemory(options))).toBe(4096 / 2 - 8);
    expect(bodyBytesMaxOf(planMemory({ ...options, bayBytes: 1024 }))).toBe(1024);
    const large = 16 * 1024 * 1024;
    expect(
      bodyBytesMaxOf(planMemory({ ...options, laneBytes: [large, large, large, large], meshLaneBytes: large, bayBytes: large })),
    ).toBe(LIMITS.recordBytesMax);
  });
});
