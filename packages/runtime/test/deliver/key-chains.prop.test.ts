/** Chains of keys against a plain model: order, width, and nothing that waits while a place is free. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyChains } from '../../dist/deliver/key-chains.js';

const steps = fc.array(fc.tuple(fc.nat(3), fc.nat(20), fc.boolean()), { maxLength: 200 });

describe('KeyChains', () => {
  it('gives places in order, as many as it is wide, and forgets keys that nobody uses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (width, script) => {
        const chains = new KeyChains(width);
        const model = new Map<number, { places: number[]; waiting: number[] }>();
        const free = new Set(Array.from({ length: 100 }, (_, slot) => slot));
        for (const [hash, pick, joins] of script) {
          const chain = model.get(hash) ?? { places: [], waiting: [] };
          if (joins) {
            const [slot] = free;
            if (slot === undefined) continue;
            free.delete(slot);
            expect(chains.isFull(hash)).toBe(chain.places.length === width);
            const target = chain.places.length < width ? chain.places : chain.waiting;
            target.push(slot);
            model.set(hash, chain);
            expect(chains.join(hash, slot)).toBe(target === chain.places);
            // One that has a place keeps it.
            if (target === chain.places) expect(chains.join(hash, slot)).toBe(true);
          } else {
            const slot = chain.places[pick % Math.max(1, chain.places.length)];
            if (slot === undefined) {
              expect(chains.leave(hash, pick)).toBeUndefined();
              continue;
            }
            chain.places.splice(chain.places.indexOf(slot), 1);
            free.add(slot);
            const next = chain.waiting.shift();
            if (next !== undefined) chain.places.push(next);
            if (chain.places.length === 0) model.delete(hash);
            expect(chains.leave(hash, slot)).toBe(next);
          }
          expect(chains.size).toBe(model.size);
        }
      }),
    );
  });

  it('lets nothing wait where there is no limit', () => {
    const chains = new KeyChains(Infinity);
    for (let slot = 0; slot < 100; slot++) expect(chains.join(1, slot)).toBe(true);
    expect(chains.isFull(1)).toBe(false);
    expect(chains.leave(1, 3)).toBeUndefined();
    expect(chains.size).toBe(0);
  });
});
