/**
 * The one place where integration tests start a runtime: whatever else a test is about, its runtime is closed at the end, and the conservation law
 * and what the publisher was told are checked against each other, to the event.
 */
import type { Runtime, RuntimeOptions } from 'ringmain';
import { createRuntime } from 'ringmain';
import type { AccountOptions } from '@ringmain/testkit';
import { accountFor } from '@ringmain/testkit';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { compiledFixture } from './compiled-fixture.mjs';

/**
 * Starts a runtime that logs nothing, and settles its account when the test has finished.
 *
 * @param account - with `abandons`, deliveries may be left over, for the reason it gives
 */
export async function openRuntime<Events>(
  options: RuntimeOptions<Events>,
  account: AccountOptions = {},
): Promise<Runtime<Events>> {
  const { config, events, subscribers } = options;
  const quiet =
    typeof config === 'object' && !(config instanceof URL) ? { log: { level: 'silent' } as const, ...config } : config;
  const { runtime, check } = accountFor(
    await createRuntime<Events>({
      logger: pino({ level: 'silent' }),
      ...options,
      ...(events instanceof URL && { events: compiledFixture(events) }),
      ...(subscribers !== undefined && {
        subscribers: subscribers.map((module) => (module instanceof URL ? compiledFixture(module) : module)),
      }),
      ...(quiet !== undefined && { config: quiet }),
    }),
  );
  onTestFinished(async ({ task }) => {
    // A test that failed has said why; what it left open would only take time.
    const failed = task.result?.state === 'fail';
    const report = await runtime.close(failed ? { timeoutMs: 0 } : {});
    if (!failed) check(report, account);
  });
  return runtime;
}
