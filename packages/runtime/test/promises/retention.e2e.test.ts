/** Promise: an event ends with its delivery; what was kept of it throws and never shows another event, and copies stay as they are. */
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/keepsakes.ts';
import { start } from './fixtures/start.ts';

const thing = { n: 7, name: 'lamp', place: { city: 'Ulm' }, tags: ['old', 'brass'] };
const RELEASED = 'RINGMAIN_EVENT_RELEASED';
const SMALL = { capacityBytes: 16_384 } as const;

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['thing.kept', 'thing.noted'] as const)(
    'what handlers kept of %s throws also when its memory holds others',
    async (type) => {
      const lanes = { critical: SMALL, high: SMALL, normal: SMALL, low: SMALL };
      const runtime = await start(events, ['./keepsakes.ts'], { shards, lanes, recordBytesMax: 4096 });
      const told: unknown[] = [];
      const watch = runtime.subscribe('keepsakes.told', (event) => {
        told.push(event.data);
      });
      await watch.ready;
      await runtime.send(type, thing, { until: 'handled' });
      // Several times the lane: every byte of the record is written over.
      for (let count = 0; count < 100; count++) await runtime.send('thing.passed', { text: 'x'.repeat(400) });
      await runtime.drain();
      await runtime.send('keepsakes.asked', { n: 1 });
      await runtime.drain();
      const json = type === 'thing.noted';
      const copies = {
        values: [7, 'lamp', 'Ulm', ['old', 'brass']],
        decoded: thing,
        cloud: expect.objectContaining({ data: thing }),
      };
      const expected = {
        id: RELEASED,
        type,
        'event.data': RELEASED,
        'event.decode()': RELEASED,
        'event.toCloudEvent()': RELEASED,
        'event.metadata': RELEASED,
        // The payload of a JSON event was decoded for this delivery and is the handler's own.
        'data.n': json ? 7 : RELEASED,
        'data.name': json ? 'lamp' : RELEASED,
        'data.tags': json ? thing.tags : RELEASED,
        'place.city': json ? 'Ulm' : RELEASED,
        'ctx.publish()': RELEASED,
        ...copies,
      };
      expect(told).toEqual([expected, expected]);
      await closeAndCheck(runtime);
    },
  );
});
