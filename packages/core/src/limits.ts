/**
 * Every bound of the runtime that is not configured, in one place, with the relations between them checked at load.
 * Units stand last in the names.
 */
import { PARTITION_COUNT } from './partition-hash.ts';
import { PRIORITY_COUNT } from './priority.ts';

/** The bounds; a value that reaches one is refused with `RINGMAIN_LIMIT_EXCEEDED` or the error of its own kind. */
export const LIMITS = Object.freeze({
  /** Longest topic name, in characters (ASCII only, so also bytes). */
  topicChars: 256,
  topicTokens: 16,
  /** Longest partition key, in UTF-16 units. */
  keyChars: 256,
  metadataEntries: 32,
  metadataBytes: 4096,
  /** Longest text in other optional envelope fields (correlation id, subject and so on), in UTF-16 units. */
  attributeChars: 256,
  /** Most closed event types in one registry; ids from 0. */
  typesMax: 1024,
  /** Most open event types one producer may introduce; ids from {@link LIMITS.openTypeIdBase}. */
  openTypesMax: 256,
  openTypeIdBase: 4096,
  /** Most subscriber groups of one runtime, over all threads. */
  groupsMax: 64,
  /** Most groups one event may match in one thread. */
  matchesMax: 64,
  shardsMax: 64,
  laneBytesMin: 4096,
  laneBytesMax: 256 * 1024 * 1024,
  /** Largest record (header, extension, payload) whatever the lane: what NATS accepts by default. */
  recordBytesMax: 1024 * 1024,
  baySlotsMin: 64,
  baySlotsMax: 65536,
  bayChunkBytes: 64,
  /** Events that wait in the stage of one publisher. */
  stageEventsMax: 65_536,
  /** Events of one batch, of a batcher or of a handler. */
  batchEventsMax: 10_000,
  /** `send` calls of one thread that wait for room or for an answer. */
  sendsPendingMax: 65536,
  /** Crashes of a thread after which the event in flight is set aside as poison, unless `restart.crashesMax` says otherwise. */
  crashesMax: 3,
});

/** A day in milliseconds: the longest time limit, delay or period that may be given. Timers of the platform overflow at 24.8 days. */
export const DAY_MS = 86_400_000;

/** Largest share of a lane one record may take, as a divisor: a record never needs more than capacity / 2. */
export const LANE_RECORD_DIVISOR = 2;

if ((PARTITION_COUNT & (PARTITION_COUNT - 1)) !== 0) throw new Error('PARTITION_COUNT must be a power of two');
if (LIMITS.shardsMax > PARTITION_COUNT) throw new Error('every shard needs a partition');
if (LIMITS.typesMax > LIMITS.openTypeIdBase) throw new Error('closed type ids must stay below open ones');
if (LIMITS.matchesMax > LIMITS.groupsMax) throw new Error('a match list names groups, so it cannot be longer than they are');
if (LIMITS.laneBytesMax / 8 >= 2 ** 31) throw new Error('positions are signed 32-bit counts of 8-byte units');
if (LIMITS.baySlotsMin < LIMITS.matchesMax) throw new Error('an empty bay must hold all deliveries of one record');
if (PRIORITY_COUNT !== 4) throw new Error('record headers keep the priority in two bits');
