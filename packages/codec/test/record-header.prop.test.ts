/** Headers: what is written is read, in any memory. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLAG_DROPPABLE,
  FLAG_HAS_EXTENSION,
  FLAG_HAS_KEY,
  FLAG_REDELIVERED,
  FLAG_WANT_ACK,
  HEADER_BYTES,
  HEADER_SKIP_WORD,
  checkHeader,
  packFlags,
  readCodecId,
  readDataBytes,
  readExtensionBytes,
  readFlags,
  readKeyHash,
  readPriority,
  readSequence,
  readTimeUs,
  readTopicId,
  timeHiOf,
  timeLoOf,
  writeDataBytes,
  writeHeader,
} from '@ringmain/codec';
import { codeOf, memory } from './memory.ts';

const header = fc.record({
  word: fc.nat(20),
  topicId: fc.nat(5000),
  flags: fc.nat(0xffff),
  codecId: fc.nat(255),
  priority: fc.nat(3),
  keyHash: fc.integer(),
  sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  timeUs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  extensionBytes: fc.nat(1000),
  dataBytes: fc.nat(1_000_000),
});

describe('writeHeader()', () => {
  it('is read back field by field and touches ten words', () => {
    fc.assert(
      fc.property(header, (h) => {
        const { i32 } = memory(256);
        const before = i32.slice();
        const [lo, hi] = [Number(BigInt.asIntN(32, h.sequence)), Number(BigInt.asIntN(32, h.sequence >> 32n))];
        writeHeader(
          i32,
          h.word,
          h.topicId,
          packFlags(h.flags, h.codecId, h.priority),
          h.keyHash,
          lo,
          hi,
          timeLoOf(h.timeUs),
          timeHiOf(h.timeUs),
          h.extensionBytes,
          0,
        );
        writeDataBytes(i32, h.word, h.dataBytes);
        expect({
          word: h.word,
          topicId: readTopicId(i32, h.word),
          flags: readFlags(i32, h.word) & 0xffff,
          codecId: readCodecId(i32, h.word),
          priority: readPriority(i32, h.word),
          keyHash: readKeyHash(i32, h.word),
          sequence: readSequence(i32, h.word),
          timeUs: readTimeUs(i32, h.word),
          extensionBytes: readExtensionBytes(i32, h.word),
          dataBytes: readDataBytes(i32, h.word),
        }).toEqual(h);
        expect(i32[h.word + HEADER_SKIP_WORD]).toBe(0);
        for (const [at, value] of i32.entries())
          if (at < h.word || at >= h.word + HEADER_BYTES / 4) expect(value).toBe(before[at]);
      }),
    );
  });

  it('keeps the flag bits apart', () => {
    const flags = [FLAG_HAS_KEY, FLAG_WANT_ACK, FLAG_DROPPABLE, FLAG_HAS_EXTENSION, FLAG_REDELIVERED];
    expect(new Set(flags).size).toBe(flags.length);
    for (const flag of flags) expect([flag & (flag - 1), flag < 0x10000]).toEqual([0, true]);
    expect(HEADER_BYTES % 8).toBe(0);
  });
});

describe('checkHeader()', () => {
  it.each<[number, number, number, string]>([
    [0, 0, 40, 'nothing thrown'],
    [8, 3, 56, 'nothing thrown'],
    [0, 1, 40, 'RINGMAIN_RECORD_CORRUPT'],
    [4, 0, 48, 'RINGMAIN_RECORD_CORRUPT'],
    [-8, 8, 40, 'RINGMAIN_RECORD_CORRUPT'],
    [8, -8, 40, 'RINGMAIN_RECORD_CORRUPT'],
    [0x7ffffff8, 0x7fffffff, 64, 'RINGMAIN_RECORD_CORRUPT'],
    [0, 0, 32, 'RINGMAIN_RECORD_CORRUPT'],
  ])('extension %d, payload %d in a record of %d: %s', (extensionBytes, dataBytes, recordBytes, code) => {
    const { i32 } = memory(64);
    writeHeader(i32, 0, 0, 0, 0, 0, 0, 0, 0, extensionBytes, dataBytes);
    expect(codeOf(() => checkHeader(i32, 0, recordBytes))).toBe(code);
  });
});
