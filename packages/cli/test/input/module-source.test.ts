/** Events out of modules of the user. */
import { describe, expect, test } from 'vitest';
import type { InputItem } from '../../dist/input/input-item.js';
import { openModule } from '../../dist/input/module-source.js';

const never = new AbortController().signal;
const entry = (id: number): { type: string; data: number } => ({ type: 'a', data: id });

async function read(exported: unknown, stop = never): Promise<InputItem[]> {
  const source = await openModule('source.js', { default: exported }, stop);
  const items: InputItem[] = [];
  for await (const batch of source.batches(stop)) items.push(...batch);
  return items;
}

const dataOf = (items: readonly InputItem[]): unknown[] =>
  items.map((item) => ('event' in item ? item.event.data : `bad ${item.position}`));

describe('openModule', () => {
  test.each<[name: string, exported: unknown]>([
    ['an array', [entry(1), 'none', entry(2)]],
    [
      'a generator function',
      function* () {
        yield entry(1);
        yield 'none';
        yield entry(2);
      },
    ],
    [
      'an async generator function',
      async function* () {
        yield entry(1);
        yield 'none';
        yield entry(2);
      },
    ],
    ['a function that promises an array', async () => [entry(1), 'none', entry(2)]],
    [
      'an async iterable',
      {
        async *[Symbol.asyncIterator]() {
          yield* [entry(1), 'none', entry(2)];
        },
      },
    ],
  ])('reads %s', async (_name, exported) => {
    expect(dataOf(await read(exported))).toEqual([1, 'bad 2', 2]);
  });

  test('reads a long iterable in batches', async () => {
    const source = await openModule('source.js', { default: Array.from({ length: 1000 }, (_, id) => entry(id)) }, never);
    const sizes: number[] = [];
    for await (const batch of source.batches(never)) sizes.push(batch.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
  });

  test('hands the function a signal that ends with the run', async () => {
    let seen: AbortSignal | undefined;
    await read(({ signal }: { signal: AbortSignal }) => {
      seen = signal;
      return [];
    });
    expect(seen).toBe(never);
  });

  test('ends an iterator that hangs when it is stopped, and tells it to end', async () => {
    const stopper = new AbortController();
    let returned = 0;
    const hanging = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          stopper.abort();
          return new Promise<never>(() => {});
        },
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    expect(await read(hanging, stopper.signal)).toEqual([]);
    expect(returned).toBe(1);
  });

  test.each([undefined, 5, 'text', {}, () => 5])('refuses the default export %s', async (exported) => {
    await expect(openModule('source.js', { default: exported }, never)).rejects.toThrow(
      'RINGMAIN_INPUT_INVALID: source.js exports no events by default',
    );
  });

  test('says that the function failed', async () => {
    await expect(
      openModule(
        'source.js',
        {
          default: () => {
            throw new Error('no database');
          },
        },
        never,
      ),
    ).rejects.toThrow('the function of source.js failed: Error: no database');
  });

  test('says after how many entries the source broke off', async () => {
    await expect(
      read(async function* () {
        yield entry(1);
        throw new Error('lost');
      }),
    ).rejects.toThrow('source.js broke off after 1 entries: lost');
  });
});
