/** What keeps the process alive while several waits overlap, and the user changes his mind meanwhile. */
import { afterEach, describe, expect, it } from 'vitest';
import { KeepAlive } from '../../dist/keep-alive.js';

const open: KeepAlive[] = [];

function setUp() {
  const said: boolean[] = [];
  const keepAlive = new KeepAlive({ setReferenced: (referenced) => void said.push(referenced) });
  open.push(keepAlive);
  const wait = () => {
    let end: () => void = () => {};
    const over = keepAlive.during(() => new Promise<void>((resolve) => (end = resolve)));
    return async (): Promise<void> => {
      end();
      await over;
    };
  };
  return { keepAlive, wait, said, isHeld: () => said.at(-1) === true };
}

afterEach(() => {
  for (const keepAlive of open.splice(0)) keepAlive.unref();
});

describe('KeepAlive.during()', () => {
  it('holds the process until the last of several waits is over, in whatever order they end', async () => {
    const { wait, isHeld } = setUp();
    const [first, second] = [wait(), wait()];
    await first();
    expect(isHeld()).toBe(true);
    await second();
    expect(isHeld()).toBe(false);
  });

  it('leaves what was said meanwhile as it is', async () => {
    const { keepAlive, wait, isHeld } = setUp();
    const first = wait();
    keepAlive.ref();
    await first();
    expect(isHeld()).toBe(true);
    const second = wait();
    keepAlive.unref();
    expect(isHeld()).toBe(true);
    await second();
    expect(isHeld()).toBe(false);
  });

  it('says nothing again that was said', async () => {
    const { keepAlive, wait, said } = setUp();
    keepAlive.ref();
    await wait()();
    keepAlive.unref();
    keepAlive.unref();
    expect(said).toEqual([true, false]);
  });
});
