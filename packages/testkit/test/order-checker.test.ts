/**
 * The order checker over histories that are right, repeated after a crash, and wrong in each way it names.
 */
import { describe, expect, test } from 'vitest';
import { OrderChecker } from '@ringmain/testkit';
import type { OrderReport } from '@ringmain/testkit';

/** Publishes sequences 1 to `published` under one key and delivers those given. */
function reportOf(published: number, delivered: readonly number[]): OrderReport {
  const checker = new OrderChecker();
  for (let sequence = 1; sequence <= published; sequence++) checker.published('k', sequence);
  for (const sequence of delivered) checker.delivered('k', sequence);
  return checker.report();
}

const clean = { duplicates: 0, lost: [], strangers: [], disorders: [] };

describe('OrderChecker.report()', () => {
  test('is clean for each event once and in order', () => {
    expect(reportOf(3, [1, 2, 3])).toEqual({ ...clean, published: 3, delivered: 3, deliveriesMax: 1 });
    expect(reportOf(0, [])).toEqual({ ...clean, published: 0, delivered: 0, deliveriesMax: 0 });
  });

  test('keeps the order of each key by itself', () => {
    const checker = new OrderChecker();
    for (const [key, sequence] of [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['b', 2],
    ] as const)
      checker.published(key, sequence);
    for (const [key, sequence] of [
      ['b', 1],
      ['b', 2],
      ['a', 1],
      ['a', 2],
    ] as const)
      checker.delivered(key, sequence);
    expect(checker.report()).toMatchObject({ ...clean, delivered: 4 });
  });

  test('takes a key that is a number for its decimal text', () => {
    const checker = new OrderChecker();
    checker.published(7, 1);
    checker.delivered('7', 1);
    expect(checker.report()).toMatchObject({ ...clean, delivered: 1 });
  });

  test('lists what was published and never delivered', () => {
    expect(reportOf(4, [1, 2])).toMatchObject({ published: 4, delivered: 2, lost: ['k:3', 'k:4'], disorders: [] });
  });

  test('lists what was delivered and never published, and does not count it as delivered', () => {
    expect(reportOf(2, [1, 9, 2])).toMatchObject({ delivered: 2, strangers: ['k:9'], disorders: [], lost: [] });
  });

  test('reports an event that overtook another', () => {
    const report = reportOf(3, [2, 1, 3]);
    expect(report.disorders).toContainEqual({ key: 'k', sequence: 2, after: -1 });
    expect(report).toMatchObject({ delivered: 3, lost: [] });
  });

  test('reports a gap as loss and as disorder', () => {
    expect(reportOf(3, [1, 3])).toMatchObject({ lost: ['k:2'], disorders: [{ key: 'k', sequence: 3, after: 1 }] });
  });

  test('counts an immediate repetition, which is in order', () => {
    expect(reportOf(3, [1, 2, 2, 2, 3])).toMatchObject({ duplicates: 2, deliveriesMax: 3, disorders: [] });
  });

  test('reports a repetition of something long past, and none of what runs on from it', () => {
    const { disorders, duplicates } = reportOf(4, [1, 2, 3, 1, 2, 3, 4]);
    expect(duplicates).toBe(3);
    expect(disorders).toEqual([{ key: 'k', sequence: 1, after: 3 }]);
  });
});
