/**
 * All figures of a runtime, as `runtime.metrics()` gives them.
 * Thread: main.
 */
import type { RuntimeHealth } from '../health/health-report.ts';
import type { MainRoom } from '../router/main-room.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { MetricsSnapshot } from './snapshot.ts';
import { takeSnapshot } from './snapshot.ts';

/** What a runtime reads its figures from. */
export interface MetricsParts {
  readonly context: ThreadContext;
  readonly room: MainRoom;
}

/** Reads all figures. @param health - what the last look found */
export function readMetrics({ context, room }: MetricsParts, health: RuntimeHealth): MetricsSnapshot {
  const figures = takeSnapshot(context, room.groupSources(), [...room.publishing.types.all()], room.letters.store.metrics());
  return { ...figures, health };
}
