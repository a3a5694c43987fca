/**
 * What the end of a runtime, or of a wait for its quiet, does and says.
 * Thread: main.
 */
import { RingmainError } from '@ringmain/core';
import type { Logger } from 'pino';
import { inTime } from './in-time.ts';
import type { MetricsSnapshot } from './metrics/snapshot.ts';
import type { CloseReport } from './runtime-results.ts';
import type { HostedGroups } from './subscribers/hosted-groups.ts';

/** The report of a runtime that has closed. */
export function closeReport(drained: boolean, seconds: number, metrics: MetricsSnapshot, unpublished: number): CloseReport {
  const abandoned = metrics.conservation.inFlight;
  return { drained, seconds, metrics, abandoned, deadLetters: metrics.deadLetters.count, unpublished };
}

/** Ends the groups that the main thread hosts, as far as that goes in time. */
export async function teardownInTime(groups: HostedGroups | undefined, leftMs: number, log: Logger): Promise<void> {
  if (groups === undefined) return;
  await inTime(groups.teardown(), leftMs, () =>
    log.warn({ leftMs }, 'a teardown did not end in time; the runtime closes without it'),
  );
}

/** The error of a drain that took too long. */
export function unsettledError({ conservation: { inFlight } }: MetricsSnapshot, timeoutMs: number): RingmainError {
  return new RingmainError('RINGMAIN_DELIVERY_TIMEOUT', `${inFlight} deliveries did not settle within ${timeoutMs} ms`, {
    details: { inFlight, timeoutMs },
  });
}
