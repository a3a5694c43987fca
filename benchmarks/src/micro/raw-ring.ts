/**
 * The ring of `@ringmain/ring` in the same loop: variable-length records with frames, claimed and sealed one by one, committed
 * in batches.
 * Thread: `rawProduce` on the producer, `rawConsume` on the consumer.
 */
import { DRAINED, NO_ROOM, RecordKind, RingConsumer, RingProducer, type RingWords, systemAtomics } from '@ringmain/ring';
import { nowUs } from '../measure/clock.ts';
import {
  COMMIT_EVERY,
  END_WORD,
  HEAD_WORD,
  PROGRESS_WORD,
  RECORD_BYTES,
  RECORD_WORDS,
  RELEASE_EVERY,
  relax,
  type SideTotals,
  TAIL_WORD,
} from './spsc-words.ts';

const FRAME_WORDS = 2;

/** Where the ring's control words stand. */
export function ringWords(control: Int32Array, data: Int32Array): RingWords {
  return { control, data, tailIndex: TAIL_WORD, headIndex: HEAD_WORD, progressIndex: PROGRESS_WORD };
}

/** Writes records until the deadline and ends the slice. */
export function rawProduce(ring: RingProducer, control: Int32Array, data: Int32Array, deadlineUs: number): SideTotals {
  let records = 0;
  let sum = 0;
  do {
    for (let batch = 0; batch < RELEASE_EVERY; batch += COMMIT_EVERY) {
      for (const end = records + COMMIT_EVERY; records < end; records++) {
        let offset = ring.claim(RECORD_BYTES);
        while (offset === NO_ROOM) {
          // What is sealed must become visible, or both sides could wait for each other.
          ring.commit();
          relax();
          offset = ring.claim(RECORD_BYTES);
        }
        const at = offset >> 2;
        for (let word = 0; word < RECORD_WORDS; word++) data[at + word] = records + word;
        ring.seal(RecordKind.event, RECORD_BYTES);
        sum = (sum + records) | 0;
      }
      ring.commit();
    }
  } while (nowUs() < deadlineUs);
  Atomics.store(control, END_WORD, 1);
  return { records, sum };
}

/** Reads every word of every record until the producer has ended and the ring is empty. */
export function rawConsume(ring: RingConsumer, control: Int32Array): SideTotals {
  const { data } = ring;
  let records = 0;
  let sum = 0;
  for (;;) {
    const ended = Atomics.load(control, END_WORD);
    if (!ring.refresh()) {
      if (ended === 1) return { records, sum };
      relax();
      continue;
    }
    for (let index = ring.next(); index !== DRAINED; index = ring.next()) {
      let words = 0;
      const at = index + FRAME_WORDS;
      for (let word = 0; word < RECORD_WORDS; word++) words = (words + (data[at + word] ?? 0)) | 0;
      sum = (sum + words) | 0;
      ring.advance(index);
      if ((++records & (RELEASE_EVERY - 1)) === 0) ring.release();
    }
    ring.release();
  }
}

/** Both ends of a fresh ring over given memory. */
export function openProducer(control: Int32Array, data: Int32Array): RingProducer {
  return new RingProducer(systemAtomics, ringWords(control, data));
}

export function openConsumer(control: Int32Array, data: Int32Array): RingConsumer {
  return new RingConsumer(systemAtomics, ringWords(control, data));
}
