/**
 * Tells everyone what the main thread listens to, after every change of its subscriptions.
 * Thread: main.
 */
import type { RuntimeParts } from './runtime-parts.ts';

/** Resolves when the shards know. */
export function announce({ room, coordinator }: RuntimeParts): Promise<void> {
  room.route();
  const known = coordinator?.setMainPatterns(room.local.patterns()) ?? Promise.resolve();
  // Fails when the coordinator ends meanwhile. Whoever waits is told; nobody has to wait.
  known.catch(() => {});
  return known;
}
