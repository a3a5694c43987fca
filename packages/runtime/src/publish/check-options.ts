/**
 * Refuses options of publishing calls that cannot be meant.
 * Thread: any. Runs only where options are given, and allocates nothing while they are right.
 */
import { describeValue } from '@ringmain/core';
import { checkNames, isRecord, refuseName, refuseOption } from '../check-names.ts';
import type { BatchEntry, PublishOptions, ReadyOptions, SendOptions, WritableOptions } from './options.ts';

// Records of all names, so that the compiler misses none.
const PUBLISH: Readonly<Record<keyof PublishOptions, true>> = {
  priority: true,
  key: true,
  subject: true,
  source: true,
  correlationId: true,
  causationId: true,
  traceparent: true,
  deadline: true,
  dedupeKey: true,
  metadata: true,
  mergedCount: true,
  sampledRate: true,
};
const SEND: Readonly<Record<Exclude<keyof SendOptions, keyof PublishOptions>, true>> = {
  until: true,
  timeoutMs: true,
  signal: true,
};

export const PUBLISH_NAMES: ReadonlySet<string> = new Set(Object.keys(PUBLISH));
const SEND_NAMES: ReadonlySet<string> = new Set([...PUBLISH_NAMES, ...Object.keys(SEND)]);
const READY: Readonly<Record<keyof ReadyOptions, true>> = { priority: true, signal: true };
const WRITABLE_NAMES: ReadonlySet<string> = new Set([...PUBLISH_NAMES, 'signal']);
const READY_NAMES: ReadonlySet<string> = new Set(Object.keys(READY));
const ENTRY_NAMES: ReadonlySet<string> = new Set(['type', 'data', ...PUBLISH_NAMES]);

/** Options of `subscribe`. */
export const SUBSCRIBE_OPTIONS: ReadonlySet<string> = new Set(['group', 'priorityMin', 'where']);

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function checkPublishOptions(options: PublishOptions): void {
  checkNames('options', options, PUBLISH_NAMES);
}

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function checkSendOptions(options: SendOptions): void {
  checkNames('options', options, SEND_NAMES);
  checkSignal(options.signal);
}

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function checkReadyOptions(options: ReadyOptions): void {
  checkNames('options', options, READY_NAMES);
  checkSignal(options.signal);
}

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function checkWritableOptions(options: WritableOptions): void {
  checkNames('options', options, WRITABLE_NAMES);
  checkSignal(options.signal);
}

/** What only looks like a signal would be found out in the middle of a wait, after the event was published. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined || isSignal(signal)) return;
  refuseOption(`signal is ${describeValue(signal)}`, 'an AbortSignal');
}

/** @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` */
export function checkEntries(entries: readonly BatchEntry[]): void {
  if (!Array.isArray(entries)) refuseOption(`entries is ${describeValue(entries)}`, 'an array of { type, data, … }');
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] as BatchEntry;
    if (!isRecord(entry)) refuseOption(`entries[${index}] is ${describeValue(entry)}`, 'an object { type, data, … }');
    for (const name in entry) {
      // The two that every entry has need no look-up.
      if (name !== 'type' && name !== 'data' && !ENTRY_NAMES.has(name))
        refuseName(`entries[${index}].${name}`, name, ENTRY_NAMES);
    }
  }
}

/** Asked for what is used, since signals of other realms and of test environments are no instances of ours. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function';
}
