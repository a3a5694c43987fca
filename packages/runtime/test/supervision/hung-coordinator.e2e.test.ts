/**
 * A coordinator that hangs is noticed by the main thread and replaced. It runs no code of anybody's, so the door is the debugger's: an inspector session
 * of this process has the coordinator evaluate an endless loop.
 */
import { Session } from 'node:inspector';
import { expect, it, onTestFinished } from 'vitest';
import { startWards, until } from '../health/start-wards.ts';

interface Attached {
  readonly params: { readonly sessionId: string; readonly workerInfo: { readonly title: string } };
}

/** Has the coordinator loop for ever; the session sees the shards as well. */
async function hangCoordinator(): Promise<void> {
  const session = new Session();
  session.connect();
  onTestFinished(() => session.disconnect());
  const attached = new Promise<string>((resolve) => {
    session.on(
      'NodeWorker.attachedToWorker' as never,
      (({ params }: Attached) => {
        if (params.workerInfo.title.includes('ringmain-coordinator')) resolve(params.sessionId);
      }) as never,
    );
  });
  session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'for (;;);' } });
  session.post('NodeWorker.sendMessageToWorker', { sessionId: await attached, message });
}

it('is replaced, its shards with it, and nothing is lost', async () => {
  const runtime = await startWards({
    shards: 2,
    coordinator: { tickMs: 10, idleTickMs: 20 },
    health: { coordinatorHungMs: 1000 },
  });
  await runtime.send('ok.asked', { key: 1 }, { until: 'handled' });
  expect(runtime.metrics().restarts).toBe(0);
  await hangCoordinator();
  let published = 1;
  const load = async (): Promise<void> => {
    for (; runtime.metrics().restarts === 0; published++) {
      await runtime.send('ok.asked', { key: published }, { timeoutMs: 60_000 });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  await load();
  await until(runtime, ({ reasons }) => reasons.length === 0);
  await runtime.drain({ timeoutMs: 60_000 });
  const { groups, restarts } = runtime.metrics();
  expect(restarts).toBe(2);
  expect(groups.find(({ name }) => name === 'fine')?.delivered).toBe(published);
  expect(runtime.failed).toBeUndefined();
});
