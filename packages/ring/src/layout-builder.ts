/**
 * Hands out regions of one buffer, one after another. Descriptor files use it, so that no offset is written twice.
 * Thread: any; pure arithmetic, the same answers in every thread.
 */

/** Words of different writers stand this many bytes apart: two cache lines, for the adjacent-line prefetcher pulls pairs. */
export const WRITER_STRIDE_BYTES = 128;

/** {@link WRITER_STRIDE_BYTES} in 32-bit words. */
export const WRITER_STRIDE_WORDS = WRITER_STRIDE_BYTES / 4;

/** Builds a layout from front to back. */
export class LayoutBuilder {
  private end = 0;

  /**
   * Reserves a region that begins on a writer stride.
   *
   * @param bytes - size in bytes, at least 0; rounded up to the stride
   * @returns the byte offset of the region
   */
  region(bytes: number): number {
    const offset = this.end;
    this.end = offset + Math.ceil(bytes / WRITER_STRIDE_BYTES) * WRITER_STRIDE_BYTES;
    return offset;
  }

  /** Bytes reserved so far: the size the buffer needs. */
  get bytes(): number {
    return this.end;
  }
}
