/** Promise: whatever a handler returns or throws ends its delivery, once, and no thread. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { ERRORS, RESULTS, events } from './fixtures/oddities.ts';
import { start } from './fixtures/start.ts';
import { openRuntime } from '../open-runtime.ts';

describe.each([0, 1])('with %i shards', (shards) => {
  it.each(['odd.result', 'odd.chained'] as const)('what handlers of %s return is taken as await takes it, once', async (type) => {
    const runtime = await start(events, ['./oddities.ts'], { shards, retry: { maxAttempts: 1 } });
    runtime.subscribe(type, ({ data }) => RESULTS[data.kind]?.[0](), { group: 'here' });
    const expected = { delivered: 0, deadLettered: 0 };
    for (const [kind, [, outcome]] of Object.entries(RESULTS)) {
      expect(runtime.publish(type, { kind }).accepted).toBe(true);
      expected[outcome]++;
    }
    await runtime.drain();
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.restarts).toBe(0);
    for (const name of ['results', 'here']) {
      expect(metrics.groups.find((group) => group.name === name)).toMatchObject({ name, ...expected });
    }
  });

  it('a send that waits is told once how the delivery ended', async () => {
    const runtime = await start(events, ['./oddities.ts'], { shards, retry: { maxAttempts: 1 } });
    const told: Record<string, unknown> = {};
    for (const kind of Object.keys(RESULTS)) {
      const sent = runtime.send('odd.result', { kind }, { until: 'handled' });
      told[kind] = await sent.then(
        () => 'delivered',
        (error: unknown) => (error as { code?: unknown }).code,
      );
    }
    const code = { delivered: 'delivered', deadLettered: 'RINGMAIN_DELIVERY_FAILED' } as const;
    expect(told).toEqual(Object.fromEntries(Object.entries(RESULTS).map(([kind, [, outcome]]) => [kind, code[outcome]])));
    await closeAndCheck(runtime);
  });
});

describe('what handlers throw', () => {
  it.each([
    ['odd.result', 'at once', (fail: () => never) => fail()],
    ['odd.result', 'as a promise', (fail: () => never) => Promise.resolve().then(fail)],
    ['odd.chained', 'one after another', (fail: () => never) => Promise.resolve().then(fail)],
    [
      'odd.chained',
      'at once behind a promise',
      (fail: () => never, id: number) => (id === 0 ? Promise.resolve().then(fail) : fail()),
    ],
  ] as const)('by %s, %s, dead-letters the event and is logged as far as it can be read', async (type, _, run) => {
    const lines: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    const runtime = await openRuntime({ events, config: { shards: 0, retry: { maxAttempts: 1 } }, logger });
    const kinds = Object.keys(ERRORS);
    runtime.subscribe(type, (event) =>
      run(() => {
        throw ERRORS[event.data.kind]?.(event);
      }, kinds.indexOf(event.data.kind)),
    );
    for (const kind of kinds) expect(runtime.publish(type, { kind }).accepted).toBe(true);
    await runtime.drain();
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups).toMatchObject([{ delivered: 0, deadLettered: kinds.length }]);
    const logged = lines.map(
      (line) => JSON.parse(line) as { readonly msg: string; readonly err?: { readonly message?: string } },
    );
    expect(logged.map(({ msg }) => msg)).toEqual(kinds.map(() => 'delivery failed'));
    const legible = kinds.filter((_kind, index) => logged[index]?.err?.message?.startsWith('legible'));
    expect(legible).toEqual(kinds.filter((kind) => kind.startsWith('an error') && !kind.includes('message')));
  });

  it('reaches nobody when the log throws as well', async () => {
    const logger = pino({ level: 'error' }, { write: () => undefined });
    logger.error = () => {
      throw new Error('no log today');
    };
    const runtime = await openRuntime({ events, config: { shards: 0, retry: { maxAttempts: 1 } }, logger });
    runtime.subscribe('odd.result', () => {
      throw new Error('a failure');
    });
    await expect(runtime.send('odd.result', { kind: '' }, { until: 'handled' })).rejects.toMatchObject({
      code: 'RINGMAIN_DELIVERY_FAILED',
    });
    await closeAndCheck(runtime);
  });
});
