/** The window of repeats against a plain list: what it must know, what it must not, its bound, and successors of a thread that died at any store. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepeatWindow, repeatWindowBytes } from '@ringmain/ring';
import type { RepeatMark } from '@ringmain/ring';
import { Lifetime, lives } from './mortal-memory.ts';

const WAYS = 16;
const SPAN = 50;
/** Two buckets: the lowest bit of the hash says which. */
const BYTES = repeatWindowBytes(1);

/** Few hashes, so that they meet. */
const mark = fc.record({ hash: fc.integer({ min: 0, max: 60 }), check: fc.constantFrom(0, 1), event: fc.nat(5) });
const steps = fc.array(fc.record({ mark, adds: fc.boolean(), passes: fc.nat(4) }), { maxLength: 300 });

interface Known {
  readonly mark: RepeatMark;
  readonly at: number;
}
const isSame = (one: RepeatMark, other: RepeatMark): boolean => one.hash === other.hash && one.check === other.check;

describe('RepeatWindow', () => {
  it('knows what is not outdated and among the last 16 of its bucket, and nothing else', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const window = new RepeatWindow(new Int32Array(BYTES / 4), SPAN);
        /** Newest last; one of the same hash takes the place of the older. */
        let known: Known[] = [];
        let now = 1;
        for (const { mark: one, adds, passes } of script) {
          now += passes;
          const found = known.find(({ mark: other }) => isSame(one, other));
          const isKnown = found !== undefined && found.mark.event !== one.event && now - found.at < SPAN;
          expect(window.holds(one, now)).toBe(isKnown);
          if (!adds) continue;
          window.add(one, now);
          known = [...known.filter(({ mark: other }) => !isSame(one, other)), { mark: one, at: now }];
          const bucket = known.filter(({ mark: other }) => (other.hash & 1) === (one.hash & 1));
          // Of several that are equally old any may go.
          fc.pre(bucket.length <= WAYS || (bucket[0]?.at ?? 0) < (bucket[1]?.at ?? 0));
          if (bucket.length > WAYS) known = known.filter((entry) => entry !== bucket[0]);
        }
      }),
    );
  });

  it('survives the death of its thread at any store: what was remembered before is known, and nothing else is', () => {
    for (let acts = 0; ; acts++) {
      const words = new Int32Array(BYTES / 4);
      const before = new RepeatWindow(words, SPAN);
      for (let hash = 0; hash < 40; hash++) before.add({ hash, check: hash, event: 1 }, 1 + hash);
      const lifetime = new Lifetime(acts);
      const added = { hash: 100, check: 7, event: 1 };
      const lived = lives(() => new RepeatWindow(lifetime.words(words), SPAN).add(added, 45));
      const after = new RepeatWindow(words, SPAN);
      const isKnown = (hash: number, check: number): boolean => after.holds({ hash, check, event: 2 }, 46);
      // The oldest of its bucket is the one that made room for it, also where it died before it stood there.
      const left = Array.from({ length: 40 }, (_, hash) => hash).filter((hash) => isKnown(hash, hash));
      const newest = Array.from({ length: 2 * WAYS }, (_, index) => index + 40 - 2 * WAYS);
      const shallBeLeft = acts === 0 ? newest : newest.filter((hash) => hash !== 8);
      expect({ acts, left, isNew: isKnown(100, 7), isMixed: isKnown(100, 8) || isKnown(8, 7) }).toEqual({
        acts,
        left: shallBeLeft,
        isNew: lived,
        isMixed: false,
      });
      // The delivery that was interrupted comes again, and is no repeat.
      expect(after.holds(added, 46)).toBe(false);
      after.add(added, 46);
      expect(after.holds({ ...added, event: 2 }, 46)).toBe(true);
      if (lived) break;
    }
  });

  it('has a fixed size, in which as many fit as it was made for', () => {
    expect(repeatWindowBytes(0)).toBe(0);
    for (const events of [1000, 4096, 100_000]) {
      const words = new Int32Array(repeatWindowBytes(events) / 4);
      expect(words.length * 4).toBeLessThanOrEqual(events * 16 * 4 + 2048);
      const window = new RepeatWindow(words, SPAN);
      const hashOf = (index: number): number => Math.imul(index + 1, 0x9e37_79b1) ^ (Math.imul(index, 0x85eb_ca6b) >>> 7);
      for (let index = 0; index < 3 * events; index++) window.add({ hash: hashOf(index), check: index, event: 1 }, 1 + index);
      const forever = new RepeatWindow(words, Infinity);
      let known = 0;
      for (let index = 2 * events; index < 3 * events; index++)
        if (forever.holds({ hash: hashOf(index), check: index, event: 2 }, 3 * events)) known++;
      expect(known / events).toBeGreaterThan(0.995);
    }
  });
});
