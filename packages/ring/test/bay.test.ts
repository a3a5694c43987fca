/** The bay: its bounds, bodies shared across a crash, settling that dies half-way, and who is charged. */
import { LIMITS } from '@ringmain/core';
import { describe, expect, it } from 'vitest';
import { BAY_SLOT_WORDS, Bay, SlotState, SlotWord, chargeBay } from '@ringmain/ring';
import type { Slot } from '@ringmain/ring';
import { Lifetime, lives } from './mortal-memory.ts';
import { codeOf } from './refusal.ts';

const CELL = 2;
const CREDIT = 4;

function openBay(slotCount = 4, chunks = 4) {
  const slots = new Int32Array(slotCount * BAY_SLOT_WORDS);
  const bodies = new Int32Array(chunks * 16);
  return { slots, bodies, cells: new Int32Array(8), bay: new Bay(slots, bodies) };
}

function parking(record: number, step = 0, attempt = 0) {
  return { lane: 3, position: record, sequenceLow: record, sequenceHigh: 0, step, keyHash: 0, attempt, crashes: 0 };
}

const source = new Int32Array(256).map((_, index) => index);

function park(bay: Bay, record: number, step = 0, bytes = 8, running = false): Slot {
  return bay.park(parking(record, step, running ? 1 : 0), source, 0, bytes, running);
}

describe('Bay', () => {
  it('is full when its slots are, and says so', () => {
    const { bay } = openBay(4, 8);
    for (let record = 1; record <= 4; record++) {
      expect(bay.canPark(8, 5 - record)).toBe(true);
      expect(bay.canPark(8, 6 - record)).toBe(false);
      park(bay, record);
    }
    expect([bay.live, bay.canPark(0)]).toEqual([4, false]);
    expect(codeOf(() => park(bay, 5))).toBe('RINGMAIN_LIMIT_EXCEEDED');
  });

  it('is full when its bodies are, and says so', () => {
    const { bay, cells } = openBay(8, 4);
    park(bay, 1, 0, 2 * LIMITS.bayChunkBytes);
    expect(bay.canPark(2 * LIMITS.bayChunkBytes + 1)).toBe(false);
    const slot = park(bay, 2, 0, 2 * LIMITS.bayChunkBytes);
    expect(bay.canPark(0)).toBe(false);
    expect(codeOf(() => park(bay, 3))).toBe('RINGMAIN_LIMIT_EXCEEDED');
    bay.settle(slot, cells, CELL, CREDIT);
    expect(bay.canPark(8, 6)).toBe(true);
  });

  it('liveIn() counts the deliveries of each partition, and a successor counts them anew', () => {
    const { bay, slots, bodies, cells } = openBay(8, 8);
    const parkKey = (record: number, keyHash: number): Slot => bay.park({ ...parking(record), keyHash }, source, 0, 8, true);
    const parked = [parkKey(1, 5), parkKey(2, 5 + 256), parkKey(3, -1)];
    expect([5, 255, 0].map((partition) => bay.liveIn(partition))).toEqual([2, 1, 0]);
    bay.settle(parked[0] ?? -1, cells, CELL, CREDIT);
    expect([5, 255, 0].map((partition) => bay.liveIn(partition))).toEqual([1, 1, 0]);
    const successor = new Bay(slots, bodies);
    successor.recover(cells);
    expect([5, 255, 0].map((partition) => successor.liveIn(partition))).toEqual([1, 1, 0]);
  });

  it('canPark() leaves a quarter of slots and bodies free when told to', () => {
    const { bay } = openBay(8, 8);
    for (let record = 1; record <= 5; record++) park(bay, record);
    expect([bay.canPark(8, 1, true), bay.canPark(8, 2, true), bay.canPark(8, 2)]).toEqual([true, false, true]);
    const bodies = openBay(64, 8).bay;
    for (let record = 1; record <= 5; record++) park(bodies, record);
    expect([bodies.canPark(8, 1, true), bodies.canPark(65, 1, true), bodies.canPark(65, 1)]).toEqual([true, false, true]);
  });

  it('copies a body of any size to the last word, and nothing behind it', () => {
    for (const bytes of [0, 1, 4, 63, 64, 65, 127, 256]) {
      const { bay, bodies } = openBay(1, 8);
      bodies.fill(-1);
      const slot = park(bay, 1, 0, bytes);
      const words = (bytes + 3) >> 2;
      const start = bay.bodyOffset(slot) >> 2;
      expect([...bodies.subarray(start, start + words)]).toEqual([...source.subarray(0, words)]);
      expect(bodies.filter((word) => word !== -1).length).toBe(words);
    }
  });

  it('keeps a body until the last group that shares it settles, and does not share it with a later record', () => {
    const { bay, cells } = openBay(4, 1);
    const slots = [park(bay, 1, 0), park(bay, 1, 1)];
    expect(bay.bodyOffset(slots[0] ?? -1)).toBe(bay.bodyOffset(slots[1] ?? -1));
    bay.settle(slots[0] ?? -1, cells, CELL, CREDIT);
    expect(bay.canPark(8)).toBe(false);
    bay.settle(slots[1] ?? -1, cells, CELL, CREDIT);
    const other = park(bay, 2);
    bay.settle(other, cells, CELL, CREDIT);
    expect(bay.canPark(LIMITS.bayChunkBytes)).toBe(true);
    expect(cells[CELL]).toBe(3);
  });

  it('does not share a body that was freed between two groups of one record', () => {
    const { bay, cells } = openBay(4, 2);
    bay.settle(park(bay, 1, 0), cells, CELL, CREDIT);
    const again = park(bay, 1, 1);
    const other = park(bay, 2);
    expect(bay.bodyOffset(other)).not.toBe(bay.bodyOffset(again));
    expect(bay.canPark(8)).toBe(false);
  });

  it('a successor shares the body of the record its predecessor died in, although no other body would fit', () => {
    const { bay, slots, bodies, cells } = openBay(4, 1);
    const first = park(bay, 9, 0);
    const successor = new Bay(slots, bodies);
    successor.recover(cells);
    const second = park(successor, 9, 1);
    expect(successor.bodyOffset(second)).toBe(successor.bodyOffset(first));
    successor.settle(first, cells, CELL, CREDIT);
    expect(successor.canPark(8)).toBe(false);
    successor.settle(second, cells, CELL, CREDIT);
    expect(successor.canPark(8)).toBe(true);
  });

  it('park() leaves a slot that is free or owned, wherever it dies', () => {
    for (let acts = 0; ; acts++) {
      const { slots, bodies, cells } = openBay();
      const lifetime = new Lifetime(acts);
      const lived = lives(() => park(new Bay(lifetime.words(slots), lifetime.words(bodies)), 1, 2, 20, true));
      const successor = new Bay(slots, bodies);
      const live = successor.recover(cells);
      expect(live.length).toBe(lived ? 1 : 0);
      expect(successor.holds(3, 1, 1, 2)).toBe(lived);
      expect(successor.canPark(8, live.length === 0 ? 4 : 3)).toBe(true);
      if (!lived) continue;
      expect(successor.word(live[0] ?? -1, SlotWord.attempt)).toBe(1);
      return;
    }
  });

  it.each([0, 41, -2, -1])('settle() counts once and frees once, wherever it dies (counter at %d)', (low) => {
    for (let acts = 0; ; acts++) {
      const { bay, slots, bodies, cells } = openBay();
      cells[CELL] = low;
      const slot = park(bay, 1, 0, 8, true);
      const lifetime = new Lifetime(acts);
      const mortal = new Bay(lifetime.words(slots), lifetime.words(bodies));
      mortal.live = 1;
      const lived = lives(() => mortal.settle(slot, lifetime.words(cells), CELL, CREDIT));
      const successor = new Bay(slots, bodies);
      for (const left of successor.recover(cells)) successor.settle(left, cells, CELL, CREDIT);
      expect([cells[CELL], cells[CELL + 1], cells[CREDIT]]).toEqual([(low + 1) | 0, low === -1 ? 1 : 0, 1]);
      expect(successor.canPark(4 * LIMITS.bayChunkBytes, 4)).toBe(true);
      if (lived) return;
    }
  });

  it('recover() finishes half-done work once, wherever the successor dies too', () => {
    for (let acts = 0; ; acts++) {
      const { bay, slots, bodies, cells } = openBay();
      const [settled, running] = [park(bay, 1, 0, 8, true), park(bay, 2, 0, 8, true)];
      const settling = new Lifetime(7);
      lives(() => new Bay(settling.words(slots), bodies).settle(settled, settling.words(cells), CELL, CREDIT));
      expect([slots[settled * BAY_SLOT_WORDS], cells[CELL]]).toEqual([SlotState.settled, 1]);
      const lifetime = new Lifetime(acts);
      const lived = lives(() => new Bay(lifetime.words(slots), lifetime.words(bodies)).recover(lifetime.words(cells)));
      const last = new Bay(slots, bodies);
      expect(last.recover(cells)).toEqual([running]);
      last.settle(running, cells, CELL, CREDIT);
      expect(cells[CELL]).toBe(2);
      if (lived) return;
    }
  });

  it('recover() returns slots oldest first, also where the order has wrapped', () => {
    const { bay, slots, bodies, cells } = openBay(4, 4);
    const parked = [park(bay, 1), park(bay, 2), park(bay, 3)];
    for (const [index, slot] of parked.entries()) slots[slot * BAY_SLOT_WORDS + SlotWord.order] = (0x7fff_ffff + index) | 0;
    const successor = new Bay(slots, bodies);
    expect(successor.recover(cells)).toEqual(parked);
    const later = park(successor, 4);
    expect(new Bay(slots, bodies).recover(cells)).toEqual([...parked, later]);
  });
});

describe('chargeBay()', () => {
  it('charges what ran, and neither what waited nor what is free', () => {
    const { bay, slots } = openBay();
    const [waiting, running] = [park(bay, 1), park(bay, 2, 0, 8, true)];
    chargeBay(slots, -1);
    // A successor that dies before it runs anything is charged to nobody.
    chargeBay(slots, -1);
    expect(bay.word(running, SlotWord.crashes)).toBe(1);
    bay.start(running);
    chargeBay(slots, -1);
    expect([bay.word(waiting, SlotWord.crashes), bay.word(running, SlotWord.crashes)]).toEqual([0, 2]);
    expect(slots.reduce((sum, word, index) => (index % BAY_SLOT_WORDS === SlotWord.crashes ? sum + word : sum), 0)).toBe(2);
  });

  it('charges the slot that ran alone and no other', () => {
    const { bay, slots } = openBay();
    const parked = [park(bay, 1, 0, 8, true), park(bay, 2, 0, 8, true), park(bay, 3)];
    chargeBay(slots, parked[1] ?? -1);
    chargeBay(slots, parked[2] ?? -1);
    expect(parked.map((slot) => bay.word(slot, SlotWord.crashes))).toEqual([0, 1, 0]);
  });
});
