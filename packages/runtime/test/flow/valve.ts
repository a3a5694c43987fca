/** A runtime of at most one shard whose groups stand behind a valve, with a bay so small that each has credit for a few events. */
import type { PublishOutcome, RuntimeConfigInput } from 'ringmain';
import type { AccountOptions } from '@ringmain/testkit';
import { events } from './fixtures/valve.ts';
import { openRuntime } from '../open-runtime.ts';

/** Events that wait in the stage of a publisher. */
export const STAGE = 4;

/** What `made.seen` told, in the order of arrival. */
export type Seen = { readonly type: string; readonly n: number; readonly standsFor: number };

export async function startValve(config: RuntimeConfigInput, account: AccountOptions = {}) {
  const runtime = await openRuntime(
    {
      events,
      config: {
        bay: { slots: 64, bytes: 16_384 },
        recordBytesMax: 1024,
        stage: { events: STAGE },
        ...config,
      },
      subscribers: [new URL('./fixtures/valve.ts', import.meta.url)],
    },
    account,
  );
  const seen: Seen[] = [];
  await runtime.subscribe('made.seen', ({ data }) => {
    seen.push({ type: data.type, n: data.n, standsFor: data.standsFor });
  }).ready;
  const open = (): void => {
    runtime.publish('valve.opened', {});
  };
  return { runtime, seen, open };
}

/** Events by the status of their outcome. */
export function byStatus(outcomes: readonly PublishOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = outcome.status === 'rejected' ? `rejected: ${outcome.reason}` : outcome.status;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
