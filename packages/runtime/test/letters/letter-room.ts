/** The dead letters of a runtime whose clock stands still: no thread, no handler; what is redriven stays in the lanes of the main thread. */
import {
  FLAG_HAS_EXTENSION,
  HEADER_BYTES,
  measureExtension,
  packFlags,
  recordViews,
  writeExtension,
  writeHeader,
} from '@ringmain/codec';
import type { EventAttributes, RingmainError } from '@ringmain/core';
import { allocateMemory, createPartitionTable, planMemory } from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { pino } from 'pino';
import type { RuntimeConfigInput } from 'ringmain';
import { defineEvents, parseConfig } from 'ringmain';
import { z } from 'zod';
import { memoryOptions } from '../../dist/capacity/memory-options.js';
import { deadLettersOf } from '../../dist/letters/dead-letters-of.js';
import { MainRoom } from '../../dist/router/main-room.js';
import { threadContext } from '../../dist/thread-context.js';

const LANE = { capacityBytes: 16_384 };
export const GROUP = 'own';
export const events = defineEvents({ 'work.done': { schema: z.object({ id: z.int(), text: z.string() }), codec: 'json' } });

/** A room with a store of letters, and what a test needs to fill it. */
export function letterRoom(given: RuntimeConfigInput = {}) {
  const config = parseConfig({
    shards: 0,
    lanes: { critical: LANE, high: LANE, normal: LANE, low: LANE },
    mesh: LANE,
    recordBytesMax: 4096,
    ...given,
  });
  const plan = planMemory(memoryOptions(config));
  const memory = allocateMemory(plan);
  createPartitionTable(plan, memory, 0);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  const seed = { ...fixed, config, plan, memory, eventsHash: events.hash, types: ['work.done'] };
  const clock = manualClock();
  const context = threadContext(seed, 0, { clock });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
  const room = new MainRoom(context, events, pino({ level: 'warn' }, { write }));
  const { publishing, letters } = room;
  let refusal: RingmainError | undefined;
  const type = publishing.publisher.typeOf('work.done');
  let sequence = 0;
  return {
    clock,
    lines,
    config,
    deadLetters: deadLettersOf({ context, room: { publishing, letters, local: { takers: () => [GROUP] } } }, () => refusal),
    /** Leaves a letter as a delivery does. */
    fail: (id: number, bytes = 1, attributes: EventAttributes = {}): void =>
      letters.keep({
        group: GROUP,
        shard: undefined,
        reason: 'attempts',
        attempts: 1,
        crashes: 0,
        producer: 0,
        endedUs: clock.monotonicUs(),
        error: '',
        type,
        record: recordOf(++sequence, type, { id, text: 'x'.repeat(bytes) }, attributes),
      }),
    /** Ends the intake, as a close does. */
    close: (why: RingmainError): void => {
      refusal = why;
      letters.pauses.end();
    },
  };
}

/** Ids of the payloads of letters. */
export function idsOf(letters: readonly { readonly event: { readonly data?: unknown } }[]): number[] {
  return letters.map(({ event }) => (event.data as { readonly id: number }).id);
}

function recordOf(
  sequence: number,
  { id, codec }: { readonly id: number; readonly codec: { readonly id: number } },
  data: unknown,
  attributes: EventAttributes,
): Buffer {
  const payload = Buffer.from(JSON.stringify(data));
  const extensionBytes = measureExtension(attributes);
  const memory = new ArrayBuffer((HEADER_BYTES + extensionBytes + payload.length + 7) & ~7);
  const views = recordViews(memory);
  const flags = packFlags(extensionBytes === 0 ? 0 : FLAG_HAS_EXTENSION, codec.id, 2);
  writeHeader(views.i32, 0, id, flags, 0, sequence, 0, 0, 0, extensionBytes, payload.length);
  writeExtension(attributes, views, HEADER_BYTES, extensionBytes);
  views.u8.set(payload, HEADER_BYTES + extensionBytes);
  return Buffer.from(memory);
}
