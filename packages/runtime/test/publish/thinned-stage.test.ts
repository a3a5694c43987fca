/** What the rung `coalesce` keeps in the stage beside what waits there for room, and beside what is published meanwhile. The consumers stand still. */
import { expect, describe, it } from 'vitest';
import { z } from 'zod';
import type { RuntimeConfigInput } from '../../dist/index.js';
import { defineEvents } from '../../dist/index.js';
import { keyOf, startStill, turns } from './still-consumers.ts';

const COALESCE = 2;
const KEY = keyOf(0);
const OTHER = keyOf(0, KEY + 1);
const made = {
  schema: z.object({ key: z.int(), n: z.int() }),
  codec: 'struct',
  key: (data: { readonly key: number }): number => data.key,
  priority: 'low',
} as const;
const events = defineEvents({
  'slow.latest': { ...made, overflow: { policy: 'coalesce' } },
  'slow.patient': { ...made, priority: 'normal', overflow: { policy: 'block', deadlineMs: 3_600_000 } },
  'fast.latest': { ...made, overflow: { policy: 'coalesce' } },
  'fast.plain': made,
  'fast.normal': { ...made, priority: 'normal' },
});
const groups = { slow: ['slow.*'], fast: ['fast.*'] };
type Type = 'slow.latest' | 'slow.patient' | 'fast.latest' | 'fast.plain' | 'fast.normal';

function start(config: RuntimeConfigInput = {}) {
  const still = startStill(events, groups, config);
  const publish = (type: Type, key = KEY, n = 0): string => still.publisher.publish(type, { key, n }).status;
  const batch = (type: Type, ...numbers: number[]): string =>
    still.publisher.publishBatch(numbers.map((n) => ({ type, data: { key: KEY, n } }))).status;
  still.setRung(COALESCE);
  // A publisher looks at the ladder when it reads the clock, with its first event at the latest.
  expect(publish('fast.normal')).toBe('accepted');
  return { still, publish, batch };
}

describe('a batch', () => {
  it('goes behind what was thinned out, which goes first', () => {
    const { still, publish, batch } = start();
    expect(publish('fast.latest')).toBe('staged');
    const thinned = still.visible(0, 'low');
    expect([thinned, batch('fast.plain', 0, 0)]).toEqual([0, 'accepted']);
    expect(still.publisher.overflow.staged).toBe(0);
  });

  it.each([
    ['has a getter run', (): void => {}],
    [
      'begins another one',
      ({ batch }: ReturnType<typeof start>): void => expect(() => batch('fast.plain', 0)).toThrow('RINGMAIN_CLAIM_OPEN'),
    ],
    ['asks for room', ({ still }: ReturnType<typeof start>): void => void still.ready()],
  ])(
    'of which the first half is written is not seen while the user %s, though what is staged could go by then',
    async (_, call) => {
      const started = start();
      const { still, publish, batch } = started;
      still.grant(0, 'slow', 0);
      expect(publish('slow.latest')).toBe('staged');
      let seen = 0;
      // Read when the first event is written, and after its key was taken.
      const hooked = {
        key: KEY,
        get n() {
          if (seen++ > 0) return 1;
          still.clock.advance(5000);
          still.grant(0, 'slow', 100);
          call(started);
          return 1;
        },
      };
      const entries = [{ key: KEY, n: 0 }, hooked].map((data) => ({ type: 'fast.plain', data }));
      // Its number is none.
      const broken = { type: 'fast.plain', data: { key: KEY, n: 'none' } };
      expect(() => still.publisher.publishBatch([...entries, broken])).toThrow('RINGMAIN_PAYLOAD_INVALID');
      expect([seen > 0, still.visible(0, 'low'), still.publisher.overflow.staged]).toEqual([true, 0, 1]);
      await turns(3);
      expect(still.publisher.overflow.staged).toBe(0);
      expect(batch('fast.plain', 0)).toBe('accepted');
    },
  );
});

describe('what is thinned out', () => {
  it('stays for a newer one of its key while events of other lanes pass', () => {
    const { publish } = start();
    expect(publish('fast.latest')).toBe('staged');
    expect(publish('fast.normal')).toBe('accepted');
    expect(publish('fast.latest')).toBe('coalesced');
  });

  it('goes on at once where the stage is full of others: there is room in its lane', () => {
    const { still, publish } = start({ stage: { events: 2 } });
    still.grant(0, 'slow', 0);
    for (const key of [KEY, OTHER]) expect(publish('slow.patient', key)).toBe('staged');
    expect(Array.from({ length: 3 }, () => publish('fast.latest'))).toEqual(['accepted', 'accepted', 'accepted']);
    expect(still.publisher.overflow.staged).toBe(2);
  });

  it('is not dropped for another key when it can go, although nothing could a moment ago', () => {
    const { still, publish, batch } = start({ stage: { events: 3 } });
    still.grant(0, 'slow', 0);
    expect([publish('slow.patient'), publish('slow.latest'), batch('slow.patient', 0)]).toEqual(['staged', 'staged', 'rejected']);
    const dropped: string[] = [];
    still.publisher.overflow.onDrop = (type) => void dropped.push(type);
    expect([publish('fast.latest'), publish('fast.latest', OTHER)]).toEqual(['staged', 'staged']);
    expect(dropped).toEqual([]);
    expect([still.visible(0, 'low') > 0, still.publisher.overflow.staged]).toEqual([true, 3]);
  });
});
