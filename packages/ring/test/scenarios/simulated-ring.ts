/** One ring in simulated memory, and what producers and consumers of every scenario do with it. */
import { NO_ROOM, RecordKind } from '@ringmain/ring';
import type { RingConsumer, RingProducer, RingWords } from '@ringmain/ring';
import type { SimulatedMemory, ThreadContext } from '@ringmain/testkit';
import { isIntact, pattern } from '../ring-memory.ts';

/** Words of a link in simulated memory: one lane of a producer to a consumer. */
export interface SimulatedRing extends RingWords {
  readonly memory: SimulatedMemory;
}

/** Allocates a ring whose positions all stand at `position`. */
export function simulatedRing(
  memory: SimulatedMemory,
  capacityBytes: number,
  position: number,
  name = '',
  quiet = false,
): SimulatedRing {
  const control = memory.words(3, `${name}control`);
  for (const [index, word] of ['tail', 'head', 'progress'].entries()) {
    control[index] = position;
    memory.label(control, index, name + word);
  }
  // Quiet data is ordinary memory, so that its words multiply neither schedules nor kills.
  const data = quiet ? new Int32Array(capacityBytes / 4) : memory.words(capacityBytes / 4, `${name}data`);
  return { memory, control, tailIndex: 0, headIndex: 1, progressIndex: 2, data };
}

/** Writes the body of a claimed record: its id, its key, and a pattern that shows tearing; then seals it. */
export function writeBody(
  producer: RingProducer,
  data: Int32Array,
  offset: number,
  id: number,
  key: number,
  bytes: number,
): void {
  const base = offset >> 2;
  data[base] = id;
  if (bytes > 4) data[base + 1] = key;
  for (let word = 2; word < bytes >> 2; word++) data[base + word] = pattern(id, word - 2);
  producer.seal(RecordKind.event, bytes);
}

/** Claims, writes and seals; false when there is no room. */
export function putBody(producer: RingProducer, data: Int32Array, id: number, key: number, bytes: number): boolean {
  const offset = producer.claim(bytes);
  if (offset === NO_ROOM) return false;
  writeBody(producer, data, offset, id, key, bytes);
  return true;
}

/** The id of the record at `index`, after a look at its length and every word of its body. */
export function readBody(data: Int32Array, index: number, sizes: readonly number[]): number {
  const id = data[index + 2] ?? -1;
  const bytes = sizes[id];
  if (data[index] !== bytes || !isIntact(data, index + 4, id, Math.max(0, (bytes ?? 8) - 8)))
    throw new Error(`record ${id} is torn`);
  return id;
}

/** Blocks until the consumer has moved the head on, as a producer that polls for room would. */
export function spinForRoom(ring: SimulatedRing, thread: ThreadContext, attempt: () => boolean): void {
  while (!attempt()) {
    const head = ring.memory.atomics.load(ring.control, ring.headIndex);
    if (attempt()) return;
    thread.spin(ring.control, ring.headIndex, head);
  }
}

/** Blocks until the ring holds something, as a consumer that polls would. */
export function spinForRecord(ring: SimulatedRing, thread: ThreadContext, consumer: RingConsumer): void {
  while (!consumer.refresh()) thread.spin(ring.control, ring.tailIndex, consumer.position);
}

/** Throws unless two lists are equal. */
export function mustEqual(found: readonly unknown[], expected: readonly unknown[], what: string): void {
  if (found.length !== expected.length || found.some((value, index) => value !== expected[index])) {
    throw new Error(`${what}: ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
  }
}
