/** The publication ledger: each publish counted exactly once wherever its thread dies, and no sequence number used twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PublicationLedger, RecordKind, RingProducer, readCell } from '@ringmain/ring';
import { Lifetime, lives, plainAtomics } from './mortal-memory.ts';

const CELL = 300;
const TAILS = [340, 341];
const CREDIT = 400;
const UNITS = 2;
/** Groups that every single publish goes to. */
const GROUPS = [0, 2, 32];

/** A publish to lane 0 or 1: single, or as a batch, which is counted without the ledger. */
type Publish = 0 | 1 | 'batch to 0' | 'batch to 1';

/** Producer threads over the same words, one after another; each publishes as the runtime's publisher does. */
class Publishing {
  /** Sequence numbers of committed records, by ring and in order. */
  readonly words = new Int32Array(512);
  private readonly data = TAILS.map(() => new Int32Array(4096));

  constructor(low = 0) {
    this.words[CELL] = low;
  }

  /** One generation. */
  live(publishes: readonly Publish[], actsMax = Number.POSITIVE_INFINITY): boolean {
    const lifetime = new Lifetime(actsMax);
    const words = lifetime.words(this.words);
    return lives(() => {
      const ledger = new PublicationLedger(words, 0, words);
      let { low, high } = ledger.resume(plainAtomics);
      const advance = (): void => {
        low = (low + 1) | 0;
        if (low === 0) high = (high + 1) | 0;
        ledger.setSequence(low, high);
      };
      const rings = TAILS.map((tailIndex, lane) => {
        const data = this.data[lane] ?? new Int32Array(0);
        return new RingProducer(plainAtomics, { control: words, tailIndex, headIndex: 360, progressIndex: 361, data });
      });
      for (const publish of publishes) {
        const lane = publish === 0 || publish === 'batch to 0' ? 0 : 1;
        const ring = rings[lane];
        const tailIndex = TAILS[lane];
        if (ring === undefined || tailIndex === undefined) throw new Error(`no lane ${lane}`);
        this.write(lane, ring, low, high);
        if (typeof publish === 'string') {
          advance();
          ring.commit();
          // The words of a batch are counted without ledger; a death in between loses its count, so the test lets none happen there.
          this.words[CELL] = ((this.words[CELL] ?? 0) + 1) | 0;
        } else {
          ledger.intend(CELL, tailIndex, ring.sealedTail, CREDIT, UNITS, 0b101, 1);
          ring.commit();
          ledger.confirm();
          advance();
        }
      }
    });
  }

  /** Sequences of all committed records. */
  sequences(): number[] {
    return TAILS.flatMap((tailIndex, lane) => {
      const found: number[] = [];
      const data = this.data[lane] ?? new Int32Array(0);
      for (let unit = 0; unit < (this.words[tailIndex] ?? 0); unit += 2) {
        found.push(((data[unit * 2 + 3] ?? 0) >>> 0) * 2 ** 32 + ((data[unit * 2 + 2] ?? 0) >>> 0));
      }
      return found;
    });
  }

  private write(lane: number, ring: RingProducer, low: number, high: number): void {
    const index = ring.claim(8) >> 2;
    const data = this.data[lane] ?? new Int32Array(0);
    data[index] = low;
    data[index + 1] = high;
    ring.seal(RecordKind.event, 8);
  }
}

describe('PublicationLedger', () => {
  it.each([0, 7, -2])('counts each publish exactly once wherever the first and second generation die (counter at %d)', (low) => {
    const lanes: Publish[] = [0, 1, 0];
    for (let first = 0, done = false; !done; first++) {
      for (let second = 0; ; second++) {
        const publishing = new Publishing(low);
        done = publishing.live(lanes, first);
        const lived = publishing.live([1, 0], second);
        publishing.live([0]);
        const sequences = publishing.sequences();
        expect(readCell(publishing.words, CELL)).toBe((low >>> 0) + sequences.length);
        const charged = sequences.length * UNITS;
        expect(GROUPS.map((group) => publishing.words[CREDIT + group])).toEqual(GROUPS.map(() => charged));
        expect(new Set(sequences).size).toBe(sequences.length);
        if (lived) break;
      }
    }
  });

  it('does not take back what batches counted after the last single publish', () => {
    const publishing = new Publishing();
    publishing.live([0, 'batch to 1', 'batch to 0']);
    expect(readCell(publishing.words, CELL)).toBe(3);
    publishing.live([]);
    expect(readCell(publishing.words, CELL)).toBe(3);
  });

  it('does not count an announcement that never came true, even if a later batch ends at the same tail', () => {
    for (let acts = 0; acts < 20; acts++) {
      const publishing = new Publishing(100);
      publishing.live([1], acts);
      // The announced record takes two units, as does the one of the second batch.
      publishing.live(['batch to 0', 'batch to 1']);
      publishing.live([]);
      expect(readCell(publishing.words, CELL)).toBe(100 + publishing.sequences().length);
    }
  });

  it('starts the first generation at 0, and every successor beyond all numbers used, also where the words are torn by a carry', () => {
    const publishing = new Publishing();
    publishing.live([0]);
    expect(publishing.sequences()).toEqual([0]);
    fc.assert(
      fc.property(fc.integer(), fc.nat(5), fc.array(fc.nat(30), { maxLength: 5 }), (low, high, deaths) => {
        const next = new Publishing();
        new PublicationLedger(next.words, 0, next.words).setSequence(low, high);
        for (const acts of deaths) next.live([0, 1, 0], acts);
        next.live([1]);
        const sequences = next.sequences();
        expect(new Set(sequences).size).toBe(sequences.length);
        if ((low | high) !== 0) expect(Math.min(...sequences)).toBeGreaterThan(high * 2 ** 32 + (low >>> 0));
      }),
    );
  });
});
