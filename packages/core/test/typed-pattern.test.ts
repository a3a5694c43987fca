/** Types of handlers by pattern; the assertions are the compiler's, checked by `expectTypeOf` and by `@ts-expect-error`. */
import { describe, expectTypeOf, it } from 'vitest';
import type { EventOf, Match, Ok, RingmainEvent } from '@ringmain/core';

interface Events {
  'sensor.mic.v1': { level: number };
  'sensor.cam.v1': { frame: string };
  'agent.started': { agent: string };
}
interface OpenEvents {
  [metric: `metric.${string}`]: { value: number };
}
interface MixedEvents extends Events {
  [metric: `metric.${string}`]: unknown;
  'metric.disk': { free: number };
}
interface AnyEvents {
  [type: string]: unknown;
  'agent.started': { agent: string };
}

describe('Match', () => {
  it('finds exact names, tails, middles and everything', () => {
    expectTypeOf<Match<Events, 'agent.started'>>().toEqualTypeOf<'agent.started'>();
    expectTypeOf<Match<Events, 'sensor.*'>>().toEqualTypeOf<'sensor.mic.v1' | 'sensor.cam.v1'>();
    expectTypeOf<Match<Events, 'sensor.>'>>().toEqualTypeOf<'sensor.mic.v1' | 'sensor.cam.v1'>();
    expectTypeOf<Match<Events, '*.mic.*'>>().toEqualTypeOf<'sensor.mic.v1'>();
    expectTypeOf<Match<Events, 'nats:agent.*'>>().toEqualTypeOf<'agent.started'>();
    expectTypeOf<Match<Events, '*'>>().toEqualTypeOf<keyof Events>();
    expectTypeOf<Match<Events, 'sensr.*'>>().toEqualTypeOf<never>();
    expectTypeOf<Match<OpenEvents, 'metric.*'>>().toEqualTypeOf<`metric.${string}`>();
  });

  it('takes of an open type what the pattern covers as well', () => {
    expectTypeOf<Match<OpenEvents, 'metric.cpu'>>().toEqualTypeOf<'metric.cpu'>();
    expectTypeOf<Match<OpenEvents, 'metric.cpu.*'>>().toEqualTypeOf<`metric.cpu.${string}`>();
    expectTypeOf<Match<OpenEvents, '*.cpu'>>().toEqualTypeOf<`metric.${string}`>();
    expectTypeOf<Match<OpenEvents, '*'>>().toEqualTypeOf<`metric.${string}`>();
    expectTypeOf<Match<OpenEvents, 'order.*'>>().toEqualTypeOf<never>();
    expectTypeOf<Match<OpenEvents, 'metric'>>().toEqualTypeOf<never>();
    expectTypeOf<Match<MixedEvents, 'agent.*'>>().toEqualTypeOf<'agent.started'>();
  });
});

describe('EventOf', () => {
  it('narrows data by type', () => {
    expectTypeOf<EventOf<Events, 'agent.*'>>().toEqualTypeOf<RingmainEvent<'agent.started', { agent: string }>>();
    const handle = (event: EventOf<Events, 'sensor.*'>): number =>
      event.type === 'sensor.mic.v1' ? event.data.level : event.data.frame.length;
    expectTypeOf(handle).returns.toBeNumber();
  });

  it('prefers a named type to the open one that covers it', () => {
    expectTypeOf<EventOf<MixedEvents, 'metric.disk'>>().toEqualTypeOf<RingmainEvent<'metric.disk', { free: number }>>();
    expectTypeOf<EventOf<MixedEvents, 'metric.cpu'>>().toEqualTypeOf<RingmainEvent<'metric.cpu'>>();
    expectTypeOf<EventOf<MixedEvents, 'metric.*'>>().toEqualTypeOf<
      RingmainEvent<'metric.disk', { free: number }> | RingmainEvent<`metric.${string}`>
    >();
    expectTypeOf<EventOf<AnyEvents, 'agent.started'>>().toEqualTypeOf<RingmainEvent<'agent.started', { agent: string }>>();
    expectTypeOf<EventOf<Record<string, unknown>, 'metric.*'>>().toEqualTypeOf<RingmainEvent>();
  });
});

describe('Ok', () => {
  it('is the pattern, or says that it matches nothing', () => {
    expectTypeOf<Ok<Events, 'sensor.*'>>().toEqualTypeOf<'sensor.*'>();
    expectTypeOf<Ok<Events, 'sensr.*'>>().toHaveProperty('error');
  });
});
