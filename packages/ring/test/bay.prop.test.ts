/** The bay against a plain list: shared bodies, attempts, order, what fits, and successors at any moment. */
import { LIMITS } from '@ringmain/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAY_SLOT_WORDS, Bay, SlotState, SlotWord } from '@ringmain/ring';
import type { Slot } from '@ringmain/ring';
import { isIntact, pattern } from './ring-memory.ts';

const SLOTS = 9;
const CHUNKS = 16;
const CELL = 4;
const CREDIT = 6;

interface Parked {
  readonly slot: Slot;
  readonly record: number;
  readonly step: number;
  readonly bytes: number;
  attempt: number;
  running: boolean;
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('park' as const),
      bytes: fc.integer({ min: 0, max: 500 }),
      groups: fc.integer({ min: 1, max: 4 }),
      running: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('start' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('succeed' as const) }) },
);

/** A bay and the list of what it should hold, oldest first. */
class BayModel {
  readonly slots = new Int32Array(SLOTS * BAY_SLOT_WORDS);
  readonly bodies = new Int32Array((CHUNKS * LIMITS.bayChunkBytes) / 4);
  readonly cells = new Int32Array(16);
  bay = new Bay(this.slots, this.bodies);
  parked: Parked[] = [];
  settled = 0;
  private records = 0;

  park(bytes: number, groups: number, running: boolean): void {
    const record = ++this.records;
    const source = new Int32Array(3 + ((bytes + 3) >> 2));
    for (let word = 0; word < (bytes + 3) >> 2; word++) source[3 + word] = pattern(record, word);
    if (!this.bay.canPark(bytes, groups)) {
      // A body needs a power of two of chunks in a row; with half the chunks or more free, a small one always fits.
      if (this.parked.length + groups <= SLOTS) expect(this.freeChunks()).toBeLessThan(CHUNKS);
      return;
    }
    expect(this.parked.length + groups).toBeLessThanOrEqual(SLOTS);
    for (let group = 0; group < groups; group++) {
      const parking = {
        lane: 5,
        position: record * 10,
        sequenceLow: record,
        sequenceHigh: 0,
        step: group,
        keyHash: record % 3,
        crashes: 0,
      };
      const slot = this.bay.park({ ...parking, attempt: running ? 1 : 0 }, source, 3, bytes, running);
      this.parked.push({ slot, record, step: group, bytes, attempt: running ? 1 : 0, running });
    }
  }

  settle(at: number): void {
    const [one] = this.parked.splice(at % Math.max(1, this.parked.length), 1);
    if (one === undefined) return;
    this.bay.settle(one.slot, this.cells, CELL, CREDIT);
    this.settled++;
    expect(this.bay.isLive(one.slot)).toBe(false);
  }

  start(at: number): void {
    const waiting = this.parked.filter(({ running }) => !running);
    const one = waiting[at % Math.max(1, waiting.length)];
    if (one === undefined) return;
    one.running = true;
    one.attempt++;
    expect(this.bay.start(one.slot)).toBe(one.attempt);
  }

  succeed(): void {
    this.bay = new Bay(this.slots, this.bodies);
    expect(this.bay.recover(this.cells)).toEqual(this.parked.map(({ slot }) => slot));
    for (const one of this.parked) one.running = false;
  }

  check(): void {
    expect(this.bay.live).toBe(this.parked.length);
    expect(this.cells[CELL]).toBe(this.settled);
    expect(new Set(this.parked.map(({ slot }) => slot)).size).toBe(this.parked.length);
    for (const { slot, record, step: group, bytes, attempt, running } of this.parked) {
      expect(this.bay.isLive(slot)).toBe(true);
      expect(this.bay.word(slot, SlotWord.state)).toBe(running ? SlotState.running : SlotState.waiting);
      expect(this.bay.word(slot, SlotWord.attempt)).toBe(attempt);
      expect(this.bay.holds(5, record * 10, record, group)).toBe(true);
      expect(isIntact(this.bodies, this.bay.bodyOffset(slot) >> 2, record, bytes)).toBe(true);
    }
    expect(this.bay.holds(5, 10, 1, 7)).toBe(false);
    const keeps = SLOTS - this.parked.length - 1 >= SLOTS >> 2 && this.freeChunks() - 1 >= CHUNKS >> 2;
    expect(this.bay.canPark(1, 1, true)).toBe(keeps && this.bay.canPark(1));
    expect(new Set(this.parked.map(({ slot }) => this.bay.bodyOffset(slot))).size).toBe(
      new Set(this.parked.map(({ record }) => record)).size,
    );
  }

  private freeChunks(): number {
    const bodies = new Map(
      this.parked.map(({ record, bytes }) => [record, Math.max(1, Math.ceil(bytes / LIMITS.bayChunkBytes))]),
    );
    return CHUNKS - [...bodies.values()].reduce((sum, chunks) => sum + 2 ** Math.ceil(Math.log2(chunks)), 0);
  }
}

describe('Bay', () => {
  it('holds what a list holds, through any number of successors, and is whole again when all is settled', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new BayModel();
        for (const next of steps) {
          if (next.do === 'park') model.park(next.bytes, next.groups, next.running);
          else if (next.do === 'settle') model.settle(next.at);
          else if (next.do === 'start') model.start(next.at);
          else model.succeed();
          model.check();
        }
        while (model.parked.length > 0) model.settle(0);
        expect(model.bay.canPark(CHUNKS * LIMITS.bayChunkBytes, SLOTS)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
