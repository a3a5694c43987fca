/** Batches of asynchronous handlers that fail at random, against the rules of a key: its order, and how many of it may be under way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from './hand-shard.ts';
import { HandShard } from './hand-shard.ts';

const FAILURE = new Error('failed');
const KEYS = 3;

type Step =
  | { readonly kind: 'publish'; readonly key: number }
  | { readonly kind: 'end'; readonly pick: number; readonly how: 'all' | 'none' | number }
  | { readonly kind: 'pass'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish' as const), key: fc.nat(KEYS - 1) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('end' as const),
        pick: fc.nat(5),
        how: fc.oneof(fc.constant('all' as const), fc.constant('none' as const), fc.nat(255)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(5, 20) }) },
  ),
  { minLength: 10, maxLength: 50 },
);

/** What is known of the events of one run. */
class Rules {
  readonly handled = new Set<number>();
  readonly keyOf: number[] = [];
  readonly broken: string[] = [];
  private readonly shard: HandShard;
  private readonly width: number;
  private readonly keepsOrder: boolean;

  constructor(shard: HandShard, width: number, keepsOrder: boolean) {
    this.shard = shard;
    this.width = width;
    this.keepsOrder = keepsOrder;
    shard.onCall = (call) => this.begins(call);
  }

  /** Ends a call: all of its events are handled, none, or those whose bit is set. */
  end(call: Call, how: 'all' | 'none' | number): void {
    const isGood = (index: number): boolean => how === 'all' || (how !== 'none' && (how & (1 << index)) !== 0);
    for (const [index, event] of call.events.entries()) {
      if (isGood(index)) this.handled.add(call.ids[index] as number);
      else if (how !== 'none') call.batch?.fail(event as never, FAILURE);
    }
    call.end(how === 'none' ? FAILURE : undefined);
  }

  private begins({ ids, keys }: Call): void {
    for (const [index, id] of ids.entries()) {
      if (this.handled.has(id)) this.broken.push(`${id} comes again`);
      if (!this.keepsOrder) continue;
      for (let earlier = 0; earlier < id; earlier++) {
        if (this.keyOf[earlier] !== keys[index] || this.handled.has(earlier) || ids.slice(0, index).includes(earlier)) continue;
        this.broken.push(`${id} before ${earlier}`);
      }
    }
    for (const key of new Set(keys)) {
      const running = this.shard.open.filter((one) => one.keys.includes(key)).length;
      if (running > this.width) this.broken.push(`${running} of key ${key}`);
    }
  }
}

async function play(script: readonly Step[], ordering: 'block-key' | 'continue', width: number): Promise<readonly string[]> {
  const retry = { ordering, maxAttempts: 100, backoff: 'fixed', initialMs: 10, jitter: 'none' } as const;
  const batch = { size: 3, timeoutMs: 0 };
  const shard = new HandShard((made) => [made.group('work', { batch, retry, perKeyConcurrency: width })]);
  const rules = new Rules(shard, width, ordering === 'block-key' && width === 1);
  for (const step of script) {
    if (step.kind === 'publish') {
      if (shard.publish('task.one', rules.keyOf.length, step.key)) rules.keyOf.push(step.key);
    } else if (step.kind === 'pass') shard.pass(step.ms);
    else {
      const call = shard.open[step.pick % Math.max(1, shard.open.length)];
      if (call !== undefined) rules.end(call, step.how);
    }
    await shard.settle();
  }
  for (let round = 0; rules.handled.size < rules.keyOf.length && round < 1000; round++) {
    for (const call of shard.open) rules.end(call, 'all');
    shard.pass(20);
    await shard.settle();
  }
  const { delivered } = shard.counted(0);
  if (delivered !== rules.keyOf.length) rules.broken.push(`${delivered} of ${rules.keyOf.length} delivered`);
  return rules.broken;
}

describe.each([
  ['block-key', 1],
  ['continue', 1],
  ['block-key', 2],
  ['continue', 2],
] as const)('Batches with ordering %s, %i of a key at a time', (ordering, width) => {
  it('keep to both, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        expect(await play(script, ordering, width)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

it('an event that was gathered before one of its key failed goes before those that come after', async () => {
  const end = (how: 'all' | 'none') => ({ kind: 'end', pick: 0, how }) as const;
  const publish = { kind: 'publish', key: 0 } as const;
  expect(await play([publish, publish, end('none'), publish, { kind: 'pass', ms: 20 }], 'block-key', 1)).toEqual([]);
});
