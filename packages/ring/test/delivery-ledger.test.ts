/** The delivery ledger word by word: redo values, charges, records that nobody had begun. */
import { describe, expect, it } from 'vitest';
import { DeliveryLedger, ThreadWord } from '@ringmain/ring';
import { Lifetime, lives } from './mortal-memory.ts';

const BASE = 8;
const CELL = 300;
const CREDIT = 304;

function openLedger(low = 0) {
  const words = new Int32Array(512);
  words[CELL] = low;
  return { words, ledger: new DeliveryLedger(words, BASE, words) };
}

/** Progress of lane 3 stands at a position, that of all others elsewhere. */
const progressAt =
  (position: number) =>
  (lane: number): number =>
    lane === 3 ? position : -77;

describe('DeliveryLedger', () => {
  it('resume() knows nothing of a thread that never opened a record', () => {
    expect(openLedger().ledger.resume(() => 0)).toBeUndefined();
  });

  it('resume() names the first step that was not settled, and nothing once the lane has moved on', () => {
    const { ledger } = openLedger();
    ledger.open(3, 40);
    expect(ledger.resume(progressAt(40))).toEqual({ lane: 3, position: 40, step: 0, crashes: 0, interrupted: true });
    ledger.settle(0, CELL, CREDIT, 3);
    ledger.pass(1);
    expect(ledger.resume(progressAt(40))).toEqual({ lane: 3, position: 40, step: 2, crashes: 0, interrupted: true });
    expect(ledger.resume(progressAt(44))).toBeUndefined();
    ledger.reopen(3, 44, 5);
    expect(ledger.resume(progressAt(44))).toEqual({ lane: 3, position: 44, step: 5, crashes: 0, interrupted: true });
  });

  it.each([0, 41, 0x7fff_ffff, -2, -1])('settle() adds one exactly once, wherever it dies, to a counter at %d', (low) => {
    for (let acts = 0; ; acts++) {
      const { words, ledger } = openLedger(low);
      const lifetime = new Lifetime(acts);
      ledger.open(3, 40);
      const mortal = new DeliveryLedger(lifetime.words(words), BASE, lifetime.words(words));
      const lived = lives(() => mortal.settle(0, CELL, CREDIT, 3));
      const resumption = ledger.resume(progressAt(40));
      if (resumption?.step === 0) ledger.settle(0, CELL, CREDIT, 3);
      expect([words[CELL], words[CELL + 1], words[CREDIT]]).toEqual([(low + 1) | 0, low === -1 ? 1 : 0, 3]);
      expect(ledger.resume(progressAt(40))?.step).toBe(1);
      if (lived) return;
    }
  });

  it('resume() redoes a counter once, so that what others count before the record goes on is not taken back', () => {
    for (let acts = 0; acts < 8; acts++) {
      const { words, ledger } = openLedger(10);
      ledger.open(3, 40);
      const lifetime = new Lifetime(acts);
      const mortal = lifetime.words(words);
      lives(() => new DeliveryLedger(mortal, BASE, mortal).settle(0, CELL, CREDIT, 3));
      const settled = ledger.resume(progressAt(40))?.step === 1;
      // A delivery of the bay settles; then the successor dies too.
      words[CELL] = (words[CELL] ?? 0) + 1;
      ledger.resume(progressAt(40));
      expect(words[CELL]).toBe(settled ? 12 : 11);
    }
  });

  it('charge() blames the step that ran, once for each time it ran', () => {
    const { words, ledger } = openLedger();
    ledger.open(3, 40);
    // The second death is that of a successor which never came to run the step.
    expect([ledger.charge(progressAt(40)), ledger.charge(progressAt(40))]).toEqual([true, false]);
    expect(ledger.resume(progressAt(40))).toMatchObject({ step: 0, crashes: 1, interrupted: false });
    ledger.reopen(3, 40, 0);
    expect(ledger.charge(progressAt(40))).toBe(true);
    expect(ledger.resume(progressAt(40))?.crashes).toBe(2);
    ledger.reopen(3, 40, 0);
    ledger.settle(0, CELL, CREDIT, 3);
    expect(ledger.resume(progressAt(40))?.crashes).toBe(0);
    ledger.charge(progressAt(40));
    expect(ledger.resume(progressAt(40))).toMatchObject({ step: 1, crashes: 1 });
    expect(words[BASE + ThreadWord.chargeCrashes]).toBe(1);
  });

  it('charge() blames nobody when no record was in progress or its step had settled', () => {
    const { words, ledger } = openLedger();
    expect(ledger.charge(() => 0)).toBe(false);
    ledger.open(3, 40);
    expect(ledger.charge(progressAt(48))).toBe(false);
    words[BASE + ThreadWord.ledgerStep] = 2;
    expect(ledger.charge(progressAt(40))).toBe(false);
  });

  it('charge() leaves the record alone while a slot runs alone, for the record only waits its turn', () => {
    const { ledger } = openLedger();
    ledger.open(3, 40);
    ledger.setSolo(0);
    expect([ledger.solo, ledger.charge(progressAt(40))]).toEqual([0, false]);
    ledger.setSolo(-1);
    expect([ledger.solo, ledger.charge(progressAt(40))]).toEqual([-1, true]);
  });

  it('open() names the old record, which its lane has passed, or the new one, wherever it dies', () => {
    const progress = new Map([
      [2, 16],
      [3, 40],
    ]);
    const { words, ledger } = openLedger();
    ledger.open(3, 36);
    ledger.settle(0, CELL, CREDIT, 3);
    const before = words.slice();
    for (let acts = 0; acts < 4; acts++) {
      words.set(before);
      const lifetime = new Lifetime(acts);
      const lived = lives(() => new DeliveryLedger(lifetime.words(words), BASE, words).open(2, 16));
      const resumption = ledger.resume((lane) => progress.get(lane) ?? Number.NaN);
      if (resumption !== undefined) expect(resumption).toEqual({ lane: 2, position: 16, step: 0, crashes: 0, interrupted: true });
      expect(resumption === undefined).toBe(!lived);
    }
  });

  it('startedAt() keeps the time for supervisors', () => {
    const { words, ledger } = openLedger();
    ledger.startedAt(-5);
    expect(words[BASE + ThreadWord.ledgerStartedUs]).toBe(-5);
  });
});
