/**
 * The yardstick: a fixed-slot ring as one would write it by hand for one purpose. No frames, no padding, no lengths, no checks.
 * Thread: `plainProduce` on the producer, `plainConsume` on the consumer.
 */
import { nowUs } from '../measure/clock.ts';
import {
  COMMIT_EVERY,
  END_WORD,
  HEAD_WORD,
  RECORD_WORDS,
  RELEASE_EVERY,
  relax,
  type SideTotals,
  TAIL_WORD,
} from './spsc-words.ts';

/** Writes records until the deadline and ends the slice. */
export function plainProduce(control: Int32Array, data: Int32Array, deadlineUs: number): SideTotals {
  const capacity = data.length / RECORD_WORDS;
  const mask = capacity - 1;
  let tail = Atomics.load(control, TAIL_WORD);
  let head = Atomics.load(control, HEAD_WORD);
  let records = 0;
  let sum = 0;
  do {
    for (let batch = 0; batch < RELEASE_EVERY; batch += COMMIT_EVERY) {
      while (((tail - head) | 0) + COMMIT_EVERY > capacity) {
        relax();
        head = Atomics.load(control, HEAD_WORD);
      }
      for (const end = records + COMMIT_EVERY; records < end; records++) {
        const at = (tail & mask) * RECORD_WORDS;
        for (let word = 0; word < RECORD_WORDS; word++) data[at + word] = records + word;
        sum = (sum + records) | 0;
        tail = (tail + 1) | 0;
      }
      Atomics.store(control, TAIL_WORD, tail);
    }
  } while (nowUs() < deadlineUs);
  Atomics.store(control, END_WORD, 1);
  return { records, sum };
}

/** Reads every word of every record until the producer has ended and the ring is empty. */
export function plainConsume(control: Int32Array, data: Int32Array): SideTotals {
  const mask = data.length / RECORD_WORDS - 1;
  let head = Atomics.load(control, HEAD_WORD);
  let records = 0;
  let sum = 0;
  for (;;) {
    const ended = Atomics.load(control, END_WORD);
    const tail = Atomics.load(control, TAIL_WORD);
    if (tail === head) {
      if (ended === 1) return { records, sum };
      relax();
      continue;
    }
    while (head !== tail) {
      const stop = Math.min((tail - head) | 0, RELEASE_EVERY);
      for (let record = 0; record < stop; record++) {
        const at = (head & mask) * RECORD_WORDS;
        let words = 0;
        for (let word = 0; word < RECORD_WORDS; word++) words = (words + (data[at + word] ?? 0)) | 0;
        sum = (sum + words) | 0;
        head = (head + 1) | 0;
      }
      records += stop;
      Atomics.store(control, HEAD_WORD, head);
    }
  }
}
