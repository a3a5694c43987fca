/** Ring operations in one thread: no cache line travels, so this is instruction cost only. Thread: main. */
import { DRAINED, RecordKind, type RingConsumer, type RingProducer } from '@ringmain/ring';
import { type MicroTask, OPERATIONS } from './micro-task.ts';
import { openConsumer, openProducer } from './raw-ring.ts';
import { CONTROL_BYTES, RECORD_BYTES, RECORD_WORDS } from './spsc-words.ts';

const DATA_BYTES = 1 << 18;

/** Claim, write 64 bytes, seal, commit, poll, read and release. */
export function ringTasks(): MicroTask[] {
  return [ringTask('ring: claim, commit, poll one by one', 1), ringTask('ring: claim, commit 16, poll 16', 16)];
}

function ringTask(name: string, batch: number): MicroTask {
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  const data = new Int32Array(new SharedArrayBuffer(DATA_BYTES));
  const producer = openProducer(control, data);
  const consumer = openConsumer(control, data);
  return {
    name,
    operations: OPERATIONS,
    run() {
      let sum = 0;
      for (let done = 0; done < OPERATIONS; done += batch) {
        write(producer, data, Math.min(batch, OPERATIONS - done));
        sum += read(consumer, data);
      }
      return sum;
    },
  };
}

function write(ring: RingProducer, data: Int32Array, records: number): void {
  for (let record = 0; record < records; record++) {
    const at = ring.claim(RECORD_BYTES) >> 2;
    for (let word = 0; word < RECORD_WORDS; word++) data[at + word] = record + word;
    ring.seal(RecordKind.event, RECORD_BYTES);
  }
  ring.commit();
}

function read(ring: RingConsumer, data: Int32Array): number {
  let sum = 0;
  ring.refresh();
  for (let index = ring.next(); index !== DRAINED; index = ring.next()) {
    sum += (data[index + 2] ?? 0) + (data[index + 3] ?? 0);
    ring.advance(index);
  }
  ring.release();
  return sum;
}
