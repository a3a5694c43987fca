/**
 * Buddy allocator over chunk numbers: contiguous blocks of a power of two of chunks, in O(log n), with merging on free.
 * Its state is private memory of the bay's owner; a successor rebuilds it with `reserve` from the slots.
 * Thread: the bay's owner only.
 * Source: D. Knuth, The Art of Computer Programming, vol. 1, section 2.5; kept as a tree of the largest free order below each node.
 */

const NONE = 0;

/** Answer of {@link BuddyAllocator.allocate} when no block is large enough. */
export const NO_BLOCK = -1;

/** Allocates blocks of chunks. */
export class BuddyAllocator {
  /** Chunks not in a block. */
  freeChunks: number;

  /** For each node of the binary tree: 1 + order of the largest free block below it, or {@link NONE}. */
  private readonly largest: Uint8Array;
  private readonly topOrder: number;

  /** @param chunks - number of chunks, a power of two */
  constructor(chunks: number) {
    this.topOrder = 31 - Math.clz32(chunks);
    this.freeChunks = chunks;
    this.largest = new Uint8Array(2 * chunks);
    for (let node = 1; node < 2 * chunks; node++) this.largest[node] = this.topOrder - (31 - Math.clz32(node)) + 1;
  }

  /** The order of the smallest block that holds a number of chunks. */
  static orderOf(chunks: number): number {
    return chunks <= 1 ? 0 : 32 - Math.clz32(chunks - 1);
  }

  /** True when a block of this order can be allocated now. */
  fits(order: number): boolean {
    return (this.largest[1] as number) > order;
  }

  /**
   * Takes a block of `2 ** order` chunks.
   *
   * @returns the number of its first chunk, or {@link NO_BLOCK}
   */
  allocate(order: number): number {
    if (!this.fits(order)) return NO_BLOCK;
    let node = 1;
    for (let level = this.topOrder; level > order; level--) {
      node *= 2;
      const left = this.largest[node] as number;
      const right = this.largest[node + 1] as number;
      // The smaller block that fits, to keep large ones whole.
      if (left <= order || (right > order && right < left)) node++;
    }
    this.take(node, order);
    return (node << order) - (1 << this.topOrder);
  }

  /** Marks a known block as taken; used to rebuild the state from slots. */
  reserve(chunk: number, order: number): void {
    this.take((chunk + (1 << this.topOrder)) >> order, order);
  }

  /** Returns a block. */
  free(chunk: number, order: number): void {
    const node = (chunk + (1 << this.topOrder)) >> order;
    this.largest[node] = order + 1;
    this.freeChunks += 1 << order;
    this.repair(node, order);
  }

  private take(node: number, order: number): void {
    this.largest[node] = NONE;
    this.freeChunks -= 1 << order;
    this.repair(node, order);
  }

  private repair(from: number, order: number): void {
    let level = order;
    for (let node = from >> 1; node >= 1; node >>= 1) {
      const left = this.largest[2 * node] as number;
      const right = this.largest[2 * node + 1] as number;
      // Two wholly free halves merge into one block of the next order.
      this.largest[node] = left === level + 1 && right === level + 1 ? level + 2 : Math.max(left, right);
      level++;
    }
  }
}
