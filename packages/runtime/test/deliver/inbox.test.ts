/** What passes between an inbox and the coordinator: waits that it tells, shares and weights that it takes over. */
import { HEADER_BYTES, HEADER_TIME_LO_WORD } from '@ringmain/codec';
import {
  CreditWord,
  LinkWord,
  RecordKind,
  RingProducer,
  ThreadWord,
  WEIGHT_UNITS,
  allocateMemory,
  creditIndex,
  laneWords,
  linkIndex,
  planMemory,
  systemAtomics,
} from '@ringmain/ring';
import { manualClock } from '@ringmain/testkit';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../dist/config/parse-config.js';
import { Inbox } from '../../dist/deliver/inbox.js';
import { threadContext } from '../../dist/thread-context.js';

const SHARD = 1;
const NORMAL = 2;
const LOW = 3;
const MS = 1000;

function start() {
  const plan = planMemory({
    shards: 1,
    laneBytes: [4096, 4096, 4096, 4096],
    meshLaneBytes: 4096,
    baySlots: 64,
    bayBytes: 16_384,
  });
  const given = { shards: 1, bay: { slots: 64, bytes: 16_384 }, recordBytesMax: 1024 };
  const config = parseConfig(given);
  const fixed = { epochUs: 0, epochWallMs: 0, nonceHigh: 1, nonceLow: 1, subscribers: [], eventsModule: undefined };
  const memory = allocateMemory(plan);
  const clock = manualClock();
  const context = threadContext({ ...fixed, config, plan, memory, eventsHash: 0, types: [] }, SHARD, { clock });
  const inbox = new Inbox(context);
  inbox.open(1);
  const words = plan.threads[SHARD]!.words >> 2; // the shard has a block
  const { control } = context;
  const link = linkIndex(plan, 0, SHARD);
  control[link + LinkWord.lanesInUse] = 0b1111;
  const credit = creditIndex(plan, 0, SHARD);
  /** Commits an event that was published at a time. */
  const publish = (priority: number, timeUs: number): void => {
    const lane = laneWords(plan, memory, 0, SHARD, priority);
    const ring = new RingProducer(systemAtomics, lane);
    const offset = ring.claim(HEADER_BYTES);
    lane.data[(offset >> 2) + HEADER_TIME_LO_WORD] = timeUs;
    ring.seal(RecordKind.event, HEADER_BYTES);
    ring.commit();
  };
  /** One turn whose handlers take nothing, or one record of each lane. */
  const turn = (takes: boolean): number[] => {
    inbox.grant();
    inbox.refresh();
    inbox.pass(({ ring }) => {
      const index = takes ? ring.next() : -1;
      if (index < 0) return 0;
      ring.advance(index);
      ring.release();
      return 1;
    }, Infinity);
    inbox.tellSojourn();
    return [0, 1, 2, 3].map((priority) => control[words + ThreadWord.sojourn + priority] as number);
  };
  const reload = (input: object): void => context.live.replace(parseConfig({ ...given, ...input }));
  return { inbox, clock, control, words, credit, publish, turn, reload };
}

describe('Inbox', () => {
  it('tells how long the oldest record of each priority waits, in steps of a millisecond, and 0 when none does', () => {
    const { clock, publish, turn } = start();
    expect(turn(false)).toEqual([0, 0, 0, 0]);
    publish(NORMAL, 0);
    clock.advance(500);
    publish(LOW, 500);
    expect(turn(false)).toEqual([0, 0, 0, 0]);
    clock.advance(10 * MS);
    const [, , normal, low] = turn(false);
    expect([normal, low]).toEqual([10_500 & ~1023, 10_000 & ~1023]);
    expect(turn(true)).toEqual([0, 0, 0, 0]);
  });

  it('goes by weights that were configured anew, and keeps those of the coordinator within them', () => {
    const { control, words, turn, inbox, reload } = start();
    control[words + ThreadWord.weights + LOW] = 3 * WEIGHT_UNITS;
    control[words + ThreadWord.controlEpoch] = 1;
    turn(false);
    expect(inbox.weights).toEqual([1, 8, 4, 3]);
    reload({ scheduling: { weights: { high: 5, normal: 5, low: 2 } } });
    expect(inbox.weights).toEqual([1, 5, 5, 2]);
    turn(false);
    expect(inbox.weights).toEqual([1, 5, 5, 3]);
    reload({ scheduling: { weights: { low: 2 }, adaptive: false } });
    turn(false);
    expect(inbox.weights).toEqual([1, 8, 4, 2]);
  });

  it('takes over shares and weights once the control epoch has changed, and not before', () => {
    const { control, words, credit, turn, inbox } = start();
    const ahead = (): number =>
      (control[credit + CreditWord.limit] as number) - (control[credit + CreditWord.returned] as number);
    const before = ahead();
    expect(before).toBeGreaterThan(10);
    control[credit + CreditWord.share] = before + 5;
    control[words + ThreadWord.weights + LOW] = 3 * WEIGHT_UNITS;
    turn(false);
    expect(ahead()).toBe(before);
    control[words + ThreadWord.controlEpoch] = 1;
    turn(false);
    expect(ahead()).toBe(before + 5);
    expect(inbox.weights).toEqual([1, 8, 4, 3]);
    control[credit + CreditWord.share] = 0;
    control[words + ThreadWord.weights + LOW] = 0;
    control[words + ThreadWord.controlEpoch] = 2;
    turn(false);
    expect(inbox.weights).toEqual([1, 8, 4, 1]);
  });
});
