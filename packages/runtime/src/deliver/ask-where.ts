/**
 * Whether a group wants an event, as its `where` says: code of the user, which may throw.
 * Thread: the consumer's.
 */
import type { DeliveredEvent } from './delivered-event.ts';
import type { Group } from './group.ts';

/** What `where` said, or threw. */
export type WhereAnswer = 'wanted' | 'declined' | { readonly error: unknown };

/** Asks; without `where`, a group wants everything. */
export function askWhere(group: Group, event: DeliveredEvent): WhereAnswer {
  if (group.where === undefined) return 'wanted';
  try {
    return group.where(event) ? 'wanted' : 'declined';
  } catch (error) {
    return { error };
  }
}
