/** Counting outcomes by the names they carry. */
import { describe, expect, test } from 'vitest';
import { OutcomeCounts, countsBetween } from '../../dist/bench/outcome-counts.js';

describe('OutcomeCounts', () => {
  test('counts every status under its own name, known or not', () => {
    const counts = new OutcomeCounts();
    for (const status of ['accepted', 'staged', 'accepted', 'never-heard-of']) counts.add({ status, accepted: true });
    for (const status of ['rejected', 'sampled']) counts.add({ status, accepted: false });
    expect(counts.byStatus()).toEqual({ accepted: 2, staged: 1, 'never-heard-of': 1, rejected: 1, sampled: 1 });
    expect({ total: counts.total, accepted: counts.accepted }).toEqual({ total: 6, accepted: 4 });
    expect(counts.of('unseen')).toBe(0);
  });

  test('counts reasons of refusals only', () => {
    const counts = new OutcomeCounts();
    counts.add({ status: 'rejected', accepted: false, reason: 'full' });
    counts.add({ status: 'rejected', accepted: false, reason: 'rate' });
    counts.add({ status: 'staged', accepted: true, reason: 'full' });
    expect(counts.reasons()).toEqual({ full: 1, rate: 1 });
  });

  test('adds up with others', () => {
    const [one, other] = [new OutcomeCounts(), new OutcomeCounts()];
    one.add({ status: 'accepted', accepted: true });
    other.add({ status: 'rejected', accepted: false, reason: 'full' });
    one.addAll(other);
    expect({ total: one.total, accepted: one.accepted, ...one.byStatus() }).toEqual({ total: 2, accepted: 1, rejected: 1 });
  });
});

describe('countsBetween', () => {
  test('subtracts, and takes a new status as it is', () => {
    expect(countsBetween({ accepted: 2 }, { accepted: 5, shed: 1 })).toEqual({ accepted: 3, shed: 1 });
  });
});
