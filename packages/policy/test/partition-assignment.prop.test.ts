/** `assignPartitions()` against what it promises: everyone alike, and as few moves as can be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions } from '@ringmain/policy';

const thread = fc.integer({ min: 1, max: 64 });
const owners = fc.array(thread, { minLength: 1, maxLength: 256 });
const members = fc.uniqueArray(thread, { minLength: 1, maxLength: 64 });

describe('assignPartitions()', () => {
  it('leaves every member with the same number of partitions, give or take one, and nobody else with any', () => {
    fc.assert(
      fc.property(owners, members, (before, next) => {
        const after = [...before];
        for (const { partition, from, to } of assignPartitions(before, next)) {
          // Each partition moves once, from where it is.
          expect(after[partition]).toBe(from);
          expect(to).not.toBe(from);
          after[partition] = to;
        }
        const counts = next.map((member) => after.filter((owner) => owner === member).length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(before.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves no more partitions than it must', () => {
    fc.assert(
      fc.property(owners, members, (before, next) => {
        const least = Math.floor(before.length / next.length);
        const counts = next.map((member) => before.filter((owner) => owner === member).length);
        const odd = Math.min(before.length % next.length, counts.filter((count) => count > least).length);
        const kept = counts.reduce((sum, count) => sum + Math.min(count, least), 0) + odd;
        expect(assignPartitions(before, next)).toHaveLength(before.length - kept);
      }),
    );
  });

  it('has the moves of one owner together, and none for owners that are alike already', () => {
    fc.assert(
      fc.property(owners, members, (before, next) => {
        const sources = assignPartitions(before, next).map(({ from }) => from);
        const runs = sources.filter((from, index) => from !== sources[index - 1]);
        expect(runs).toHaveLength(new Set(sources).size);
      }),
    );
    const even = Array.from({ length: 256 }, (_, partition) => 1 + (partition % 3));
    expect(assignPartitions(even, [3, 1, 2])).toEqual([]);
  });
});
