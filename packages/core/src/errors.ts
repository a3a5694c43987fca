/**
 * One error class and a closed catalogue of codes for the whole project.
 * Expected outcomes of a publish are returned (see `outcome.ts`); what stands here is thrown or rejects a promise.
 * Thread: any.
 */

/** Every code ringmain throws, with the sentence that explains it. Codes are stable; texts are not. */
export const ERROR_CATALOGUE = Object.freeze({
  RINGMAIN_CONFIG_INVALID: 'The configuration does not fit its schema.',
  RINGMAIN_RESTART_NEEDED: 'A change of the configuration needs a restart of the runtime.',
  RINGMAIN_LIMIT_EXCEEDED: 'A stated bound of the runtime was reached.',
  RINGMAIN_PRIORITY_INVALID: 'A priority is not one of the four.',
  RINGMAIN_TOPIC_INVALID: 'A topic name breaks the topic grammar.',
  RINGMAIN_PATTERN_INVALID: 'A topic pattern breaks the pattern grammar.',
  RINGMAIN_TOPIC_UNKNOWN: 'The event type was not defined and no open type covers it.',
  RINGMAIN_TOPIC_RESERVED: 'The topic belongs to the runtime.',
  RINGMAIN_DICTIONARY_FULL: 'The topic dictionary of this producer holds no more open types.',
  RINGMAIN_SCHEMA_UNSUPPORTED: 'The schema cannot be compiled by this codec.',
  RINGMAIN_PAYLOAD_INVALID: 'The payload does not fit the schema of its event type.',
  RINGMAIN_PAYLOAD_TOO_LARGE: 'The record is larger than its lane or limit allows.',
  RINGMAIN_KEY_INVALID: 'A partition key is not a string or integer of allowed length.',
  RINGMAIN_OPTION_INVALID: 'An option of this call is not allowed.',
  RINGMAIN_METADATA_INVALID: 'Metadata is not a small record of strings.',
  RINGMAIN_RECORD_CORRUPT: 'Bytes in shared memory do not form a valid record.',
  RINGMAIN_CLAIM_OPEN: 'A record was claimed while another claim of the same ring was still open.',
  RINGMAIN_EVENT_RELEASED: 'An event was used after its delivery had settled.',
  RINGMAIN_EVENTS_MISMATCH: 'Two threads disagree about the event definitions or subscribers.',
  RINGMAIN_SUBSCRIBER_INVALID: 'A subscriber module does not export valid subscribers.',
  RINGMAIN_SUBSCRIBER_LOAD_FAILED: 'A subscriber module could not be loaded.',
  RINGMAIN_QUEUE_FULL: 'There was no room for the event before its deadline.',
  RINGMAIN_DELIVERY_FAILED: 'A handler failed and the delivery ended without success.',
  RINGMAIN_HANDLER_TIMEOUT: 'A handler did not end in time.',
  RINGMAIN_HANDLER_DIED: 'The thread of an isolated handler ended while the handler ran.',
  RINGMAIN_DELIVERY_TIMEOUT: 'The event was not handled before its deadline.',
  RINGMAIN_ABORTED: 'The caller aborted the wait.',
  RINGMAIN_CLOSED: 'The runtime is closing or closed.',
  RINGMAIN_START_FAILED: 'The runtime could not start all of its threads.',
  RINGMAIN_CONTROL_TIMEOUT: 'A thread did not answer a control call in time.',
  RINGMAIN_PEER_EXITED: 'A thread ended while a control call to it was pending.',
  RINGMAIN_SHARD_FAILED: 'A shard ended more often than its restart limit allows.',
  RINGMAIN_GROUP_UNKNOWN: 'No group of this name takes the event.',
  RINGMAIN_RESIZE_ACTIVE: 'Another resize is under way.',
  RINGMAIN_RESIZE_TIMEOUT: 'Partitions did not move in time and stay where they were.',
  RINGMAIN_INPUT_INVALID: 'A line or module given as input could not be read as events.',
} as const);

/** A stable error code. */
export type RingmainErrorCode = keyof typeof ERROR_CATALOGUE;

/** What an error carries beside its message. */
export interface RingmainErrorOptions {
  /** The allowed values or range, in words. */
  readonly allowed?: string;
  /** Structured facts: actual values, limits, paths. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** The one error class of ringmain; tell errors apart by {@link RingmainError.code}. */
export class RingmainError extends Error {
  override readonly name = 'RingmainError';
  /** Stable code out of {@link ERROR_CATALOGUE}. */
  readonly code: RingmainErrorCode;
  /** Structured facts for programs; never holds payload bytes. */
  readonly details: Readonly<Record<string, unknown>>;

  /**
   * Builds an error whose message is `code: what (allowed: range)`.
   *
   * @param code - a code of the catalogue
   * @param what - what was found, with the actual value
   */
  constructor(code: RingmainErrorCode, what: string, options: RingmainErrorOptions = {}) {
    const allowed = options.allowed === undefined ? '' : ` (allowed: ${options.allowed})`;
    super(`${code}: ${what}${allowed}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = Object.freeze({ ...options.details });
  }
}

/** Tells whether a value is a {@link RingmainError}, optionally of one code; works across package copies. */
export function isRingmainError(value: unknown, code?: RingmainErrorCode): value is RingmainError {
  try {
    if (!(value instanceof Error) || value.name !== 'RingmainError') return false;
    return code === undefined || (value as RingmainError).code === code;
  } catch {
    // A value that throws when it is looked at; asked for by whoever has just caught it, and must not be hit by it again.
    return false;
  }
}
