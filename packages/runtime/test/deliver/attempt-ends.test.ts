/** The ends of an attempt whose handler staged events: it settles only after these have left the stage, and once, whatever ends it and how often. */
import { GateMode } from '@ringmain/ring';
import { describe, expect, it } from 'vitest';
import type { BatchHandlerContext } from '../../dist/index.js';
import type { Call } from './hand-shard.ts';
import { HandShard, nextTurn } from './hand-shard.ts';

const STAGE_MS = 60_000;
const TIMEOUT_MS = 1000;
/** More than the lane to the main thread holds. */
const MANY = 200;
const config = { overflow: { normal: { policy: 'block', deadlineMs: STAGE_MS } }, stage: { events: 100 } } as const;

function start(group = {}): HandShard {
  return new HandShard((shard) => [shard.group('work', { timeoutMs: TIMEOUT_MS, ...group })], config);
}

/** Publishes until so many of the events wait in the stage; returns how many were published. */
function stage(call: Pick<Call, 'ctx'>, count = 2): number {
  let staged = 0;
  for (let id = 0; id < MANY; id++) {
    if (call.ctx.publish('noted', { id }).status === 'staged') staged++;
    if (staged === count) return id + 1;
  }
  throw new Error('the lane is too large');
}

async function begin(shard: HandShard): Promise<Call> {
  shard.publish('task.one', 0);
  await shard.settleShard();
  const [call] = shard.calls;
  if (call === undefined) throw new Error('no call');
  return call;
}

const ends: readonly (readonly [string, (call: Call, shard: HandShard) => void, 'delivered' | 'deadLettered' | 'retried'])[] = [
  ['returns', (call) => call.end(), 'delivered'],
  ['rejects', (call) => call.end(new Error('failed')), 'retried'],
  ['acknowledges, and returns', (call) => void [call.ctx.ack(), call.end()], 'delivered'],
  ['acknowledges, and rejects', (call) => void [call.ctx.ack(), call.end(new Error('failed'))], 'delivered'],
  ['acknowledges, and goes on beyond its time', (call, shard) => void [call.ctx.ack(), shard.pass(TIMEOUT_MS * 2)], 'delivered'],
  ['gives up', (call) => void call.ctx.deadLetter('no use'), 'deadLettered'],
  ['gives up, and rejects', (call) => void [call.ctx.deadLetter('no use'), call.end(new Error('failed'))], 'deadLettered'],
  ['takes too long', (_, shard) => shard.pass(TIMEOUT_MS + 10), 'retried'],
  ['takes too long, and returns', (call, shard) => void [shard.pass(TIMEOUT_MS + 10), call.end()], 'retried'],
];

describe('An attempt that staged events after an await', () => {
  it.each(ends)('settles only once they have left the stage: its handler %s', async (_, end, outcome) => {
    const shard = start();
    const call = await begin(shard);
    const published = stage(call);
    end(call, shard);
    await shard.settleShard();
    const nothing = { delivered: 0, deadLettered: 0, retried: 0 };
    expect(shard.counted(0)).toEqual(nothing);
    await shard.settle();
    expect(shard.noted).toHaveLength(published);
    expect(shard.counted(0)).toEqual({ ...nothing, [outcome]: 1 });
  });

  it.each(ends)(
    'waits for the stage as long as that says, and not for its own time limit: its handler %s',
    async (how, end, outcome) => {
      const shard = start();
      const call = await begin(shard);
      const { signal } = call.ctx;
      stage(call);
      end(call, shard);
      await nextTurn();
      for (let passed = 0; passed < STAGE_MS - TIMEOUT_MS * 4; passed += TIMEOUT_MS) {
        shard.pass(TIMEOUT_MS);
        await nextTurn();
      }
      expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 0 });
      shard.pass(TIMEOUT_MS * 5);
      await nextTurn();
      expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 0, [outcome]: 1 });
      expect(signal.aborted).toBe(/its time|too long/.test(how));
    },
  );

  it('has said what it says: nothing that is left of its handler changes anything while it waits', async () => {
    const shard = start();
    const call = await begin(shard);
    const published = stage(call);
    call.end();
    await nextTurn();
    expect([call.ctx.ack(), call.ctx.nack(), call.ctx.deadLetter('late'), call.ctx.extend(5)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(() => call.ctx.publish('noted', { id: -1 })).toThrowError(/^RINGMAIN_EVENT_RELEASED/);
    await shard.settle();
    expect(shard.noted).toHaveLength(published);
    expect(shard.counted(0)).toEqual({ delivered: 1, deadLettered: 0, retried: 0 });
  });
});

describe('An attempt that staged events within its turn', () => {
  it.each([
    ['returns', 'delivered'],
    ['throws', 'retried'],
    ['acknowledges, and throws', 'delivered'],
    ['declines', 'retried'],
  ] as const)('settles only once they have left the stage, whatever its time limit: its handler %s', async (how, outcome) => {
    let published = 0;
    const handle = (_: unknown, ctx: Call['ctx']): void => {
      published ||= stage({ ctx });
      if (how.startsWith('acknowledges')) ctx.ack();
      if (how === 'declines') ctx.nack();
      if (how.endsWith('throws')) throw new Error('failed');
    };
    const shard = start({ handle });
    shard.publish('task.one', 0);
    await shard.settleShard();
    shard.pass(TIMEOUT_MS * 2);
    await shard.settleShard();
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 0 });
    await shard.settle();
    expect(shard.noted).toHaveLength(published);
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 0, [outcome]: 1 });
  });
});

describe('A batch that staged events', () => {
  it.each([
    ['returns', (call: Call) => call.end(), { delivered: 2, retried: 0 }],
    ['rejects', (call: Call) => call.end(new Error('failed')), { delivered: 0, retried: 2 }],
    ['takes too long', (_: Call, shard: HandShard) => shard.pass(TIMEOUT_MS + 10), { delivered: 0, retried: 2 }],
  ] as const)('settles only once they have left the stage: its handler %s', async (_, end, outcome) => {
    const shard = start({ batch: { size: 2, timeoutMs: 0 } });
    shard.publish('task.one', 0);
    shard.publish('task.one', 1);
    await shard.settleShard();
    const [call] = shard.calls as [Call];
    const published = stage(call);
    end(call, shard);
    await shard.settleShard();
    expect(shard.counted(0)).toEqual({ delivered: 0, deadLettered: 0, retried: 0 });
    expect(() => call.ctx.publish('noted', { id: -1 })).toThrowError(/^RINGMAIN_EVENT_RELEASED/);
    await shard.settle();
    expect(shard.noted).toHaveLength(published);
    expect(shard.counted(0)).toEqual({ deadLettered: 0, ...outcome });
  });

  it.each([
    ['returns', (call: Call) => call.end(), { calls: 2, failed: 0 }],
    ['rejects', (call: Call) => call.end(new Error('failed')), { calls: 2, failed: 2 }],
    ['takes too long', (_: Call, shard: HandShard) => shard.pass(TIMEOUT_MS + 10), { calls: 2, failed: 2 }],
  ] as const)(
    'is over for its breaker once its handler has ended, and neither slow nor hanging: its handler %s',
    async (_, end, counts) => {
      const shard = start({ batch: { size: 2, timeoutMs: 0 }, breaker: { slowMs: TIMEOUT_MS * 2 } });
      const board = shard.board();
      board.set(GateMode.open, 0, true);
      shard.publish('task.one', 0);
      shard.publish('task.one', 1);
      await shard.settleShard();
      const [call] = shard.calls as [Call];
      expect(board.running(0)).not.toBe(0);
      stage(call);
      end(call, shard);
      await shard.settleShard();
      expect([board.running(0), board.calls(0)]).toEqual([0, { ...counts, slow: 0, bad: counts.failed }]);
      shard.pass(TIMEOUT_MS * 4);
      await shard.settle();
      expect(board.calls(0)).toMatchObject(counts);
    },
  );

  describe.each([
    ['', true],
    [' when the event comes again alone', false],
  ] as const)('is over for its breaker within its turn', (when, isFirst) => {
    it.each([
      ['returns', () => {}, 0],
      [
        'throws',
        () => {
          throw new Error('failed');
        },
        1,
      ],
      ['lets an event fail', (ctx: BatchHandlerContext, [event]: readonly unknown[]) => ctx.fail(event as never, 'failed'), 1],
    ] as const)(`if its handler %s there${when}`, async (_, end, failed) => {
      let published = 0;
      let isStaging: boolean = isFirst;
      const handleBatch = (events: readonly unknown[], ctx: BatchHandlerContext): void => {
        if (!isStaging) throw new Error('failed');
        published = stage({ ctx: ctx as unknown as Call['ctx'] });
        end(ctx, events);
      };
      const shard = start({ batch: { size: 1, timeoutMs: 0 }, handleBatch, breaker: { slowMs: TIMEOUT_MS * 2 } });
      const board = shard.board();
      board.set(GateMode.open, 0, true);
      shard.publish('task.one', 0);
      await shard.settleShard();
      const before = isFirst ? { calls: 0, failed: 0 } : board.calls(0);
      isStaging = true;
      if (!isFirst) shard.pass(110);
      await shard.settleShard();
      expect(published).toBeGreaterThan(0);
      const counts = { calls: before.calls + 1, failed: before.failed + failed, slow: 0 };
      expect([board.running(0), board.calls(0)]).toEqual([0, { ...counts, bad: counts.failed }]);
      shard.pass(TIMEOUT_MS * 4);
      await shard.settleShard();
      expect(board.calls(0)).toMatchObject(counts);
      // Its end is told once.
      await shard.settle();
      expect([shard.noted.length, board.calls(0)]).toEqual([published, { ...counts, bad: counts.failed }]);
    });
  });
});

const kinds = [
  ['a delivery', {}],
  ['a batch', { batch: { size: 1, timeoutMs: 0 } }],
] as const;

describe('A send that waits for room', () => {
  const SENT = 999;

  /** Fills the lane to the main thread, and sends; says how that ends. */
  async function send(group: object): Promise<{ readonly shard: HandShard; readonly call: Call; readonly told: string[] }> {
    const shard = new HandShard((made) => [made.group('work', { timeoutMs: TIMEOUT_MS, retry: { maxAttempts: 1 }, ...group })]);
    const call = await begin(shard);
    let id = 0;
    while (call.ctx.publish('noted', { id: id++ }).accepted && id < MANY);
    const told: string[] = [];
    call.ctx.send('noted', { id: SENT }, { timeoutMs: STAGE_MS }).then(
      () => told.push('sent'),
      (error: { readonly code: string }) => told.push(error.code),
    );
    await nextTurn();
    expect(told).toEqual([]);
    return { shard, call, told };
  }

  it.each(kinds)('is not sent once its handler was given up: %s', async (_, group) => {
    const { shard, told } = await send(group);
    shard.pass(TIMEOUT_MS + 10);
    await nextTurn();
    expect(told).toEqual(['RINGMAIN_ABORTED']);
    await shard.settle();
    expect([shard.noted.includes(SENT), shard.counted(0).deadLettered]).toEqual([false, 1]);
  });

  it.each(kinds)('is sent although its handler has ended: %s', async (_, group) => {
    const { shard, call, told } = await send(group);
    call.end();
    await nextTurn();
    shard.pass(TIMEOUT_MS + 10);
    await shard.settle();
    expect([told, shard.noted.includes(SENT), shard.counted(0).delivered]).toEqual([['sent'], true, 1]);
  });
});

describe('A handler that is told to stop, since the runtime closes', () => {
  describe.each(kinds)('of %s', (_, group) => {
    it.each([
      ['returns', undefined, 'delivered'],
      ['rejects', new Error('stopped'), 'deadLettered'],
    ] as const)('settles as it ends: it %s', async (__, error, outcome) => {
      const shard = start({ timeoutMs: 0, retry: { maxAttempts: 1 }, ...group });
      const call = await begin(shard);
      expect(call.ctx.signal.aborted).toBe(false);
      shard.stopHandlers();
      expect(call.ctx.signal.reason).toMatchObject({ code: 'RINGMAIN_CLOSED' });
      await shard.settle();
      const nothing = { delivered: 0, deadLettered: 0, retried: 0 };
      expect(shard.counted(0)).toEqual(nothing);
      expect(call.ctx.publish('noted', { id: 1 }).accepted).toBe(true);
      call.end(error);
      await shard.settle();
      expect([shard.noted, shard.counted(0)]).toEqual([[1], { ...nothing, [outcome]: 1 }]);
    });
  });

  it('is one that is under way then: others begin, and are told nothing', async () => {
    const shard = start({ timeoutMs: 0 });
    const { ctx } = await begin(shard);
    shard.stopHandlers();
    shard.publish('task.one', 1);
    await shard.settle();
    expect([ctx.signal.aborted, shard.calls[1]?.ctx.signal.aborted]).toEqual([true, false]);
  });

  it('is none that has ended, and waits for what it staged', async () => {
    const shard = start();
    const call = await begin(shard);
    const { signal } = call.ctx;
    stage(call);
    call.end();
    await nextTurn();
    shard.stopHandlers();
    expect(signal.aborted).toBe(false);
    await shard.settle();
    expect(shard.counted(0).delivered).toBe(1);
  });
});
