/** A worker that does not end keeps neither a failed start nor the process waiting. */
import { expect, it } from 'vitest';
import { endInTime } from '../../dist/control/end-in-time.js';

it('waits for a worker that ends', async () => {
  let isOver = false;
  const worker = {
    terminate: async () => {
      await Promise.resolve();
      isOver = true;
      return 1;
    },
    unref: () => expect.unreachable(),
  };
  await endInTime(worker);
  expect(isOver).toBe(true);
});

it('gives up one that hangs in native code, and lets the process end without it', async () => {
  let unrefs = 0;
  await endInTime({ terminate: () => new Promise<number>(() => {}), unref: () => void unrefs++ }, 1);
  expect(unrefs).toBe(1);
});
