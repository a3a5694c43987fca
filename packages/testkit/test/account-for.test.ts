/** The account of a runtime, over one that counts right, and ones that count wrong in every way that must be seen. */
import type { PublishOutcome } from '@ringmain/core';
import { RingmainError, acceptedBy } from '@ringmain/core';
import type { CloseFigures } from '@ringmain/testkit';
import { accountFor } from '@ringmain/testkit';
import { describe, expect, it } from 'vitest';

const PRESSURE = { priority: 'normal', depthBytes: 0, capacityBytes: 1, staged: 0, retryAfterMs: 1 } as const;
const REJECTED: PublishOutcome = { status: 'rejected', accepted: false, reason: 'full', ...PRESSURE };

/** Answers as it is told, and delivers to one handler of the main thread. */
class FakeRuntime {
  readonly config = { shards: 1 };
  answer: PublishOutcome = acceptedBy(1);
  failure: Error | undefined;
  private handle: ((event: object, context: object) => unknown) | undefined;

  publish(_type: string): PublishOutcome {
    if (this.answer.status === 'accepted') this.handle?.({}, { publish: () => acceptedBy(1) });
    return this.answer;
  }

  publishBatch(_entries: readonly { readonly type: string }[]): PublishOutcome {
    return this.answer;
  }

  send(_type: string): Promise<PublishOutcome> {
    return this.failure === undefined ? Promise.resolve(this.answer) : Promise.reject(this.failure);
  }

  batcher(_type: string): { add(data: object): { readonly accepted: boolean } } {
    return { add: () => ({ accepted: this.answer.accepted }) };
  }

  subscribe(_pattern: string, handle: (event: object, context: object) => unknown): { readonly group: string } {
    this.handle = handle;
    return { group: 'main group' };
  }
}

interface Counted {
  readonly types?: Readonly<Record<string, number>>;
  readonly rejected?: number;
  readonly dropped?: Readonly<Record<string, number>>;
  readonly delivered?: number;
  readonly inFlight?: number;
  readonly unpublished?: number;
}

/** The report of a runtime with one group of the main thread, which counted that. */
function reportOf({
  types = {},
  rejected = 0,
  dropped = {},
  delivered = 0,
  inFlight = 0,
  unpublished = 0,
}: Counted): CloseFigures {
  const published = Object.values(types).reduce((sum, count) => sum + count, 0);
  const group = { name: 'main group', where: 'main' as const, filtered: 0, deadLettered: 0, dropped: {} };
  const counts = { published: delivered + inFlight, delivered, inFlight };
  return {
    drained: inFlight === 0,
    abandoned: inFlight,
    unpublished,
    metrics: {
      published,
      rejected,
      staged: 0,
      groups: [{ ...group, ...counts }],
      publishers: [{ name: 'main', published, rejected, staged: 0, dropped, types }],
      lanes: [],
      conservation: { holds: true, published: counts.published, accounted: delivered, inFlight },
    },
  };
}

const open = () => {
  const fake = new FakeRuntime();
  return { fake, ...accountFor(fake) };
};

describe('accountFor()', () => {
  it('agrees with a runtime that counted what it answered', () => {
    const { fake, runtime, check } = open();
    runtime.publish('a.b');
    runtime.publishBatch([{ type: 'a.b' }, { type: 'a.c' }]);
    fake.answer = REJECTED;
    runtime.publish('a.b');
    const figures = { types: { 'a.b': 2, 'a.c': 1, 'system.dropped': 7 }, rejected: 1 };
    expect(() => check(reportOf(figures))).not.toThrow();
    expect(() => check(reportOf({ ...figures, types: { 'a.b': 3, 'a.c': 1 } }))).toThrow('told of 2 events of a.b but 3 were');
    expect(() => check(reportOf({ ...figures, types: { 'a.b': 2 } }))).toThrow('told of 1 events of a.c but 0 were');
    expect(() => check(reportOf({ ...figures, rejected: 0 }))).toThrow('told of 1 refusals but 0 were');
  });

  it.each(['sampled', 'coalesced', 'dropped'] as const)('counts what was %s', (status) => {
    const { fake, runtime, check } = open();
    const reason = status === 'dropped' ? 'drop-new' : status;
    fake.answer = { status, accepted: status === 'coalesced', merged: 2, ...PRESSURE } as PublishOutcome;
    runtime.publish('a.b');
    expect(() => check(reportOf({ types: { 'a.b': 1 }, dropped: { [reason]: 1 } }))).not.toThrow();
    expect(() => check(reportOf({ types: { 'a.b': 1 } }))).toThrow(`told of 1 ${status} events`);
    expect(() => check(reportOf({ types: { 'a.b': 1 }, dropped: { [reason]: 2 } }))).toThrow(`told of 1 ${status} events`);
  });

  it('takes the end of a send for what it says, and for no more', async () => {
    const { fake, runtime, check } = open();
    await runtime.send('a.sent');
    for (const code of ['RINGMAIN_DELIVERY_TIMEOUT', 'RINGMAIN_QUEUE_FULL', 'RINGMAIN_ABORTED'] as const) {
      fake.failure = new RingmainError(code, 'no');
      await expect(runtime.send(`a.${code}`)).rejects.toBe(fake.failure);
    }
    const certain = { 'a.sent': 1, 'a.RINGMAIN_DELIVERY_TIMEOUT': 1 };
    for (const aborted of [0, 1]) {
      expect(() => check(reportOf({ types: { ...certain, 'a.RINGMAIN_ABORTED': aborted }, rejected: 9 }))).not.toThrow();
    }
    expect(() => check(reportOf({ types: { ...certain, 'a.RINGMAIN_ABORTED': 2 } }))).toThrow('told of 0 to 1 events');
    expect(() => check(reportOf({ types: { ...certain, 'a.RINGMAIN_QUEUE_FULL': 1 } }))).toThrow('told of 0 events');
    expect(() => check(reportOf({ types: { 'a.sent': 1 } }))).toThrow('told of 1 events of a.RINGMAIN_DELIVERY_TIMEOUT but 0');
  });

  it('sees a send that never settles', () => {
    const { runtime, check } = open();
    void runtime.send('a.b');
    expect(() => check(reportOf({}))).toThrow('1 sends have not settled');
  });

  it('counts what batchers took, less what could not be published', () => {
    const { runtime, check } = open();
    const batcher = runtime.batcher('a.b');
    for (let n = 0; n < 3; n++) batcher.add({});
    expect(() => check(reportOf({ types: { 'a.b': 3 } }))).not.toThrow();
    expect(() => check(reportOf({ types: { 'a.b': 2 }, unpublished: 1 }))).not.toThrow();
    expect(() => check(reportOf({ types: { 'a.b': 2 } }))).toThrow('told of 3 events of a.b but 2');
  });

  it('compares calls of handlers of the main thread with what their group delivered', () => {
    const { runtime, check } = open();
    runtime.subscribe('a.b', (_, context) => (context as { publish(type: string): unknown }).publish('out.of.sight'));
    runtime.publish('a.b');
    const types = { 'a.b': 1, 'out.of.sight': 5 };
    expect(() => check(reportOf({ types, delivered: 1 }))).not.toThrow();
    expect(() => check(reportOf({ types, delivered: 2 }))).toThrow('group main group: 1 calls but delivered=2');
  });

  it('takes abandoned deliveries only for a reason', () => {
    const { check } = open();
    const report = reportOf({ inFlight: 2 });
    expect(() => check(report)).toThrow('not drained, 2 deliveries abandoned');
    expect(() => check(report, { abandons: 'closed early' })).not.toThrow();
    expect(() => check({ ...report, abandoned: 1 }, { abandons: 'closed early' })).toThrow('abandoned is 1, not 2');
  });
});
