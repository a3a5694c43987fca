/** Promise: all memory for events is reserved at the start, as much as the configuration says, and none is added later. */
import { planMemory } from '@ringmain/ring';
import type { RuntimeConfigInput } from 'ringmain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { events } from './fixtures/loads.ts';
import { runChild } from './fixtures/run-child.ts';
import { start } from './fixtures/start.ts';

const Original = SharedArrayBuffer;
let reserved: number[] = [];

beforeEach(() => {
  reserved = [];
  globalThis.SharedArrayBuffer = new Proxy(Original, {
    construct(target, args: ConstructorParameters<typeof SharedArrayBuffer>, caller) {
      const buffer = Reflect.construct(target, args, caller) as SharedArrayBuffer;
      reserved.push(buffer.byteLength);
      return buffer;
    },
  });
});

afterEach(() => {
  globalThis.SharedArrayBuffer = Original;
});

const total = (sizes: readonly number[]): number => sizes.reduce((sum, bytes) => sum + bytes, 0);

const LANES = { critical: 2 ** 12, high: 2 ** 13, normal: 2 ** 14, low: 2 ** 15 };
const MESH = 2 ** 13;
const LETTERS = 2 ** 15;
/** What `dedupe.events` of 1000 comes to. */
const REPEATS = 2 ** 11 * 16;
const BAY = { slots: 128, bytes: 2 ** 16 };
const lane = (capacityBytes: number): { capacityBytes: number } => ({ capacityBytes });
const config: RuntimeConfigInput = {
  lanes: { critical: lane(LANES.critical), high: lane(LANES.high), normal: lane(LANES.normal), low: lane(LANES.low) },
  mesh: lane(MESH),
  bay: BAY,
  recordBytesMax: 1500,
  dedupe: { events: 1000 },
};

describe.each([0, 1, 3])('with %i shards', (shards) => {
  it('the runtime reserves what its configuration comes to, once', async () => {
    const runtime = await start(events, ['./loads.ts'], { ...config, shards });
    // Without shards, handlers still publish as a thread of their own.
    const threads = Math.max(1, shards) + 1;
    const laneBytes = [LANES.critical, LANES.high, LANES.normal, LANES.low];
    // As docs/configuration.md says it.
    const documented =
      total(laneBytes) * threads +
      (threads - 1) * 4 * MESH * threads +
      threads * (BAY.bytes + 80 * BAY.slots) +
      threads * threads * 65_536 +
      // Two of the largest letters, in a ring that takes records of at most half of it: 2 × (1500 + 8192) bytes and up.
      (threads - 1) * LETTERS +
      threads * REPEATS;
    const plan = planMemory({
      shards: threads - 1,
      laneBytes,
      meshLaneBytes: MESH,
      baySlots: BAY.slots,
      bayBytes: BAY.bytes,
      letterBytes: LETTERS,
      repeatsMax: 1000,
    });
    expect(total(reserved)).toBe(documented + plan.controlBytes);
    expect(runtime.metrics().lanes.every(({ depthBytes, capacityBytes }) => depthBytes <= capacityBytes)).toBe(true);

    reserved = [];
    runtime.subscribe('load.passed', () => {});
    for (let n = 0; n < 500; n++) await runtime.send('load.json', { n, text: 'x'.repeat(100) });
    await closeAndCheck(runtime);
    expect(reserved).toEqual([]);
  });
});

it.each(['0', '2'])('the process does not grow with the number of events, with %s shards', async (shards) => {
  const [line = ''] = await runChild('./steady-memory.mjs', shards, '6000');
  const { grownBytes, publishedBytes, passed, holds, inFlight } = JSON.parse(line) as Record<string, number>;
  expect({ passed, holds, inFlight }).toEqual({ passed: 8400, holds: true, inFlight: 0 });
  // Kept events would come to all of it. What grows by itself is a few megabytes of heap.
  expect(grownBytes).toBeLessThan((publishedBytes ?? 0) / 4);
});
