/**
 * Which options of a publish travel in the record's extension block.
 * Thread: any.
 */
import type { EventAttributes } from '@ringmain/core';
import type { PublishOptions } from './options.ts';

/** The extension block of a publish: only what was given. A given key travels, for it cannot be derived from the data. */
export function attributesOf(options: PublishOptions): EventAttributes | undefined {
  const {
    key,
    subject,
    source,
    correlationId,
    causationId,
    traceparent,
    deadline,
    dedupeKey,
    metadata,
    sampledRate,
    mergedCount,
  } = options;
  let attributes: EventAttributes | undefined;
  if (correlationId !== undefined) attributes = { correlationId };
  if (causationId !== undefined) (attributes ??= {}).causationId = causationId;
  if (key !== undefined) (attributes ??= {}).key = typeof key === 'string' ? key : String(key);
  if (subject !== undefined) (attributes ??= {}).subject = subject;
  if (source !== undefined) (attributes ??= {}).source = source;
  if (traceparent !== undefined) (attributes ??= {}).traceparent = traceparent;
  if (deadline !== undefined) (attributes ??= {}).deadline = deadline;
  if (dedupeKey !== undefined) (attributes ??= {}).dedupeKey = dedupeKey;
  if (metadata !== undefined) (attributes ??= {}).metadata = metadata;
  if (sampledRate !== undefined) (attributes ??= {}).sampledRate = sampledRate;
  if (mergedCount !== undefined) (attributes ??= {}).mergedCount = mergedCount;
  return attributes;
}
