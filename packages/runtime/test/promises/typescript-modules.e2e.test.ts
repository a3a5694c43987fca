/**
 * Promise: subscriber modules may be TypeScript on every supported Node, also in a shard, and one that cannot be loaded says why.
 * The modules are written here and loaded as they are; the fixtures of other tests are compiled beforehand (`compiled-fixture.mjs`).
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeAndCheck } from '../e2e/fixtures/harness.ts';
import { openRuntime } from '../open-runtime.ts';

const RINGMAIN = pathToFileURL(createRequire(import.meta.url).resolve('ringmain')).href;
const ZOD = pathToFileURL(createRequire(import.meta.url).resolve('zod')).href;

/** Whether this Node strips types itself; it then takes only syntax that can be erased. */
const strips = ((process.features as { readonly typescript?: unknown }).typescript ?? false) !== false;

const definitions = `
import { defineEvents } from '${RINGMAIN}';
import { z } from '${ZOD}';
interface Tick { readonly tick: number }
export const events = defineEvents({ 'tick.given': { schema: z.object({ tick: z.int() }) as z.ZodType<Tick> } });
`;

const group = (name: string, more = ''): string => `
import { subscriber } from '${RINGMAIN}';
import { events } from './events.mts';
${more}
export default subscriber({ events, pattern: 'tick.given', group: '${name}', handle: (event): void => void (event.data satisfies unknown) });
`;

const modules: Readonly<Record<string, string>> = {
  'events.mts': definitions,
  'one.mts': group('one'),
  'two.mts': group('two'),
  'three.mts': group('three'),
  'enum.mts': group('enum', 'enum Level { Low, High }\nexport const level: Level = Level.High;'),
  'broken.mts': 'export default subscriber({{',
  'throwing.mts': `${group('throwing')}\nthrow new RangeError('not today' as string);`,
  'importing.mts': "import './nowhere.mts';",
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ringmain-typescript-'));
  await Promise.all(Object.entries(modules).map(([name, text]) => writeFile(path.join(folder, name), text)));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const start = (shards: number, ...names: readonly string[]) => {
  const url = (name: string): URL => pathToFileURL(path.join(folder, name));
  return openRuntime<{ 'tick.given': { tick: number } }>({
    events: url('events.mts'),
    config: { shards },
    subscribers: names.map((name) => url(name)),
  });
};

describe.each([0, 1])('TypeScript modules with %i shards', (shards) => {
  it('load side by side, the module of the events included', async () => {
    const runtime = await start(shards, 'one.mts', 'two.mts', 'three.mts');
    await runtime.send('tick.given', { tick: 1 }, { until: 'handled' });
    const { metrics } = await closeAndCheck(runtime);
    expect(metrics.groups.map(({ name, delivered }) => [name, delivered])).toEqual([
      ['one', 1],
      ['two', 1],
      ['three', 1],
    ]);
  });

  it.each([
    ['broken.mts', /broken\.mts did not load: .+/],
    ['throwing.mts', /throwing\.mts did not load: not today/],
    ['importing.mts', /importing\.mts did not load: .*nowhere\.mts/],
  ])('%s is refused with its name and the reason', async (name, message) => {
    await expect(start(shards, 'one.mts', name)).rejects.toMatchObject({
      code: 'RINGMAIN_SUBSCRIBER_LOAD_FAILED',
      message: expect.stringMatching(message),
      details: { url: expect.stringContaining(name) },
    });
  });

  it(`syntax that cannot be erased ${strips ? 'is refused with its name' : 'loads, since tsx transforms it'}`, async () => {
    const outcome = await start(shards, 'enum.mts').then(
      async (runtime) => (await closeAndCheck(runtime)).metrics.groups[0]?.name,
      (error: unknown) => error,
    );
    const refused = expect.objectContaining({
      code: 'RINGMAIN_SUBSCRIBER_LOAD_FAILED',
      message: expect.stringMatching(/enum\.mts did not load: .*enum/is),
    });
    expect(outcome).toEqual(strips ? refused : 'enum');
  });
});
