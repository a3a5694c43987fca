/** The buddy allocator against a set of taken chunks: no overlap, best fit, merging back to one block, rebuilding. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BuddyAllocator, NO_BLOCK } from '@ringmain/ring';

interface Block {
  readonly chunk: number;
  readonly order: number;
}

/** What a fresh allocator would say if exactly these blocks were reserved in it. */
function rebuilt(chunks: number, blocks: readonly Block[]): BuddyAllocator {
  const allocator = new BuddyAllocator(chunks);
  for (const { chunk, order } of blocks) allocator.reserve(chunk, order);
  return allocator;
}

/** True when an aligned block of the order is free of all taken ones. */
function modelFits(chunks: number, order: number, blocks: readonly Block[]): boolean {
  const size = 1 << order;
  for (let start = 0; start + size <= chunks; start += size) {
    if (blocks.every(({ chunk, order: other }) => chunk + (1 << other) <= start || chunk >= start + size)) return true;
  }
  return false;
}

describe('BuddyAllocator', () => {
  it('gives aligned blocks that do not overlap, fits exactly what a scan finds, and merges back to one block', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('allocate' as const), order: fc.nat(7) }),
      fc.record({ do: fc.constant('free' as const), at: fc.nat() }),
      fc.record({ do: fc.constant('rebuild' as const) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 16, 64), fc.array(step, { maxLength: 80 }), (chunks, steps) => {
        let allocator = new BuddyAllocator(chunks);
        let blocks: Block[] = [];
        const taken = (): number => blocks.reduce((sum, { order }) => sum + (1 << order), 0);
        for (const next of steps) {
          if (next.do === 'allocate') {
            const fits = next.order <= Math.log2(chunks) && modelFits(chunks, next.order, blocks);
            expect(allocator.fits(next.order)).toBe(fits);
            const chunk = allocator.allocate(next.order);
            expect(chunk === NO_BLOCK).toBe(!fits);
            if (chunk === NO_BLOCK) continue;
            const size = 1 << next.order;
            expect(chunk % size).toBe(0);
            expect(chunk + size).toBeLessThanOrEqual(chunks);
            for (const { chunk: other, order } of blocks)
              expect(other + (1 << order) <= chunk || other >= chunk + size).toBe(true);
            blocks.push({ chunk, order: next.order });
          } else if (next.do === 'free' && blocks.length > 0) {
            const [block] = blocks.splice(next.at % blocks.length, 1);
            if (block !== undefined) allocator.free(block.chunk, block.order);
          } else if (next.do === 'rebuild') {
            blocks = blocks.toReversed();
            allocator = rebuilt(chunks, blocks);
          }
          expect(allocator.freeChunks).toBe(chunks - taken());
        }
        for (const { chunk, order } of blocks) allocator.free(chunk, order);
        expect(allocator.freeChunks).toBe(chunks);
        expect(allocator.allocate(Math.log2(chunks))).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the smaller of two blocks that fit, to keep large ones whole', () => {
    // Free: chunks 0 to 7, and chunk 15.
    const allocator = rebuilt(16, [
      { chunk: 8, order: 2 },
      { chunk: 12, order: 1 },
      { chunk: 14, order: 0 },
    ]);
    expect(allocator.allocate(0)).toBe(15);
    expect(allocator.allocate(3)).toBe(0);
    expect(allocator.allocate(0)).toBe(NO_BLOCK);
  });

  it('orderOf() gives the smallest order that holds a number of chunks', () => {
    expect([0, 1, 2, 3, 4, 5, 8, 9, 16_384, 16_385].map((chunks) => BuddyAllocator.orderOf(chunks))).toEqual([
      0, 0, 1, 2, 2, 3, 3, 4, 14, 15,
    ]);
  });
});
