/**
 * Which options of a publish travel in the record's extension block.
 * Thread: any.
 */
import type { EventAttributes } from '@ringmain/core';
import type { PublishOptions } from './options.ts';

/** Options that few publishes give. */
const RARE = ['subject', 'source', 'traceparent', 'deadline', 'dedupeKey', 'metadata', 'sampledRate', 'mergedCount'] as const;

/** The extension block of a publish: only what was given. A given key travels, for it cannot be derived from the data. */
export function attributesOf(options: PublishOptions): EventAttributes | undefined {
  const { key, correlationId, causationId } = options;
  let attributes: EventAttributes | undefined;
  if (correlationId !== undefined) attributes = { correlationId };
  if (causationId !== undefined) (attributes ??= {}).causationId = causationId;
  if (key !== undefined) (attributes ??= {}).key = typeof key === 'string' ? key : String(key);
  for (const name of RARE) {
    const value = options[name];
    // The name says which type the value has, which the compiler does not follow.
    if (value !== undefined) (attributes ??= {})[name] = value as never;
  }
  return attributes;
}
