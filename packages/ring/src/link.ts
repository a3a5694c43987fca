/**
 * Finds the words of threads, links and lanes in a runtime's shared memory and opens the ends of rings over them.
 * Thread: any; each end of a ring is opened by the one thread that uses it.
 */
import { LIMITS } from '@ringmain/core';
import { BAY_SLOT_BYTES } from './bay-descriptor.ts';
import { LANE_COUNT, LINK_BYTES, LinkWord } from './link-descriptor.ts';
import type { MemoryPlan, SharedMemory } from './memory-plan.ts';
import { laneRegion } from './memory-plan.ts';
import { repeatWindowBytes } from './repeat-window.ts';
import type { RingWords } from './ring-producer.ts';

/** Word index of link (producer, consumer) in the control buffer. */
export function linkIndex(plan: MemoryPlan, producer: number, consumer: number): number {
  return (plan.links + (producer * plan.threadCount + consumer) * LINK_BYTES) >> 2;
}

/** Word index of the credit words of link (producer, consumer) in the control buffer. */
export function creditIndex(plan: MemoryPlan, producer: number, consumer: number): number {
  return linkIndex(plan, producer, consumer) + LinkWord.credit;
}

/** Bits of a lane's number that name the lane inside its link. */
const LANE_BITS = 3;

/** A lane's number in one consumer's recovery words: producer and priority (or `ANSWER_LANE`) in one integer. */
export function laneNumber(producer: number, priority: number): number {
  return (producer << LANE_BITS) | priority;
}

/** The producer of a lane's number. */
export function laneProducer(lane: number): number {
  return lane >> LANE_BITS;
}

/** The priority of a lane's number, or `ANSWER_LANE`. */
export function lanePriority(lane: number): number {
  return lane & ((1 << LANE_BITS) - 1);
}

/** The words of lane (producer, consumer, priority); data over the producer's outbox. */
export function laneWords(
  plan: MemoryPlan,
  memory: SharedMemory,
  producer: number,
  consumer: number,
  priority: number,
): RingWords {
  const link = linkIndex(plan, producer, consumer);
  const region = laneRegion(plan, producer, consumer, priority);
  return {
    control: new Int32Array(memory.control),
    tailIndex: link + LinkWord.tail + priority,
    headIndex: link + LinkWord.head + priority,
    progressIndex: link + LinkWord.progress + priority,
    data: new Int32Array(memory.outboxes[producer] as SharedArrayBuffer, region.offset, region.bytes >> 2),
  };
}

/** The slots and bodies of a consumer's bay. */
export function bayWords(plan: MemoryPlan, memory: SharedMemory, consumer: number): { slots: Int32Array; bodies: Int32Array } {
  const buffer = memory.bays[consumer] as SharedArrayBuffer;
  return {
    slots: new Int32Array(buffer, 0, (plan.options.baySlots * BAY_SLOT_BYTES) >> 2),
    bodies: new Int32Array(buffer, plan.bayBodies, plan.options.bayBytes >> 2),
  };
}

/** The words of a consumer's window of repeats. */
export function repeatWords(plan: MemoryPlan, memory: SharedMemory, consumer: number): Int32Array {
  const bytes = repeatWindowBytes(plan.options.repeatsMax ?? 0);
  return new Int32Array(memory.bays[consumer] as SharedArrayBuffer, plan.bayRepeats, bytes >> 2);
}

/** Sets every position of every lane, before any thread starts; tests use it to start near the wrap. */
export function setPositions(plan: MemoryPlan, memory: SharedMemory, position: number): void {
  const control = new Int32Array(memory.control);
  for (let link = 0; link < plan.threadCount ** 2; link++) {
    const base = (plan.links + link * LINK_BYTES) >> 2;
    for (let priority = 0; priority < LANE_COUNT; priority++) {
      control[base + LinkWord.tail + priority] = position;
      control[base + LinkWord.head + priority] = position;
      control[base + LinkWord.progress + priority] = position;
    }
  }
}

/** Largest body that fits every lane and the bay of a plan. */
export function bodyBytesMaxOf(plan: MemoryPlan): number {
  const smallest = Math.min(...plan.options.laneBytes, plan.options.meshLaneBytes);
  return Math.min(smallest / 2 - 8, plan.options.bayBytes, LIMITS.recordBytesMax);
}
