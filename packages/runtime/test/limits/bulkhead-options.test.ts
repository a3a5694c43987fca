/** What subscribers and the configuration may say of bulkheads, and what is refused with the value and the range. */
import { parseConfig, subscriber } from 'ringmain';
import { describe, expect, it } from 'vitest';
import { adaptiveLimitOptions } from '../../dist/bulkhead-options.js';

const INTEGER = 'an integer from 1 to 65536';
const refused: readonly (readonly [object, string, string])[] = [
  [{ concurrency: 0 }, 'concurrency is 0', INTEGER],
  [{ concurrency: 1.5 }, 'concurrency is 1.5', INTEGER],
  [{ globalConcurrency: 65_537 }, 'globalConcurrency is 65537', INTEGER],
  [{ globalConcurrency: '5' }, 'globalConcurrency is "5"', INTEGER],
  [{ cpuShare: 0 }, 'cpuShare is 0', 'a number from 0.01 to 1'],
  [{ cpuShare: 1.1 }, 'cpuShare is 1.1', 'a number from 0.01 to 1'],
  [{ adaptive: { algorithm: 'vegas' } }, 'adaptive.algorithm is "vegas"', '"aimd", "gradient"'],
  [{ adaptive: { algorithm: 'aimd', min: 0 } }, 'adaptive.min is 0', INTEGER],
  [{ adaptive: { algorithm: 'aimd', backoff: 1 } }, 'adaptive.backoff is 1', 'a number from 0.1 to 0.99'],
  [{ adaptive: { algorithm: 'gradient', tolerance: 0.5 } }, 'adaptive.tolerance is 0.5', 'a number from 1 to 10'],
  [{ adaptive: { algorithm: 'gradient', windowMs: 1 } }, 'adaptive.windowMs is 1', 'an integer from 10 to 60000'],
];

/** The text of the error that a call throws. */
function refusal(code: string, call: () => unknown): string {
  try {
    call();
  } catch (error) {
    expect(error).toMatchObject({ code });
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('bulkhead of a subscriber', () => {
  const withBulkhead = (bulkhead: unknown, others: object = {}) =>
    subscriber({ pattern: 'a', handle: () => {}, bulkhead: bulkhead as string, ...others });

  it.each(refused)('%o is refused: %s', (bulkhead, what, allowed) => {
    const message = refusal('RINGMAIN_SUBSCRIBER_INVALID', () => withBulkhead(bulkhead));
    expect(message).toContain(`bulkhead.${what}`);
    expect(message).toContain(allowed);
  });

  it.each([
    [{ adaptive: {} }, 'bulkhead.adaptive.algorithm'],
    [{ adaptive: { algorithm: 'aimd', maximum: 4 } }, 'bulkhead.adaptive.maximum is unknown'],
    [{ adaptive: { algorithm: 'aimd', min: 5, max: 4 } }, 'min, initial and max that are not in this order'],
    [{ adaptive: { algorithm: 'aimd', min: 5, initial: 4 } }, 'min, initial and max that are not in this order'],
    [{ globalConcurency: 4 }, 'nearest known one is globalConcurrency'],
  ])('%o is refused', (bulkhead, what) => {
    expect(refusal('RINGMAIN_SUBSCRIBER_INVALID', () => withBulkhead(bulkhead))).toContain(what);
  });

  it('a share of the processor is refused for handlers that compute elsewhere', () => {
    expect(() => withBulkhead({ cpuShare: 0.5 }, { isolation: 'thread' })).toThrowError(/cpuShare/);
  });

  it.each([
    ['handleBatch', { handle: undefined, handleBatch: () => {} }],
    ['latest-only', { delivery: 'latest-only' }],
  ] as const)('a queue is refused where events are gathered before they would wait in it: %s', (_, others) => {
    const queue = { concurrency: 1, queue: 5 };
    const message = refusal('RINGMAIN_SUBSCRIBER_INVALID', () => withBulkhead(queue, { ...others, whenFull: 'shed' }));
    expect(message).toContain('bulkhead.queue is given with handleBatch or delivery: "latest-only"');
    expect(withBulkhead({ concurrency: 1 }, { ...others, whenFull: 'shed' }).whenFull).toBe('shed');
  });

  it('all that goes together is taken', () => {
    const bulkhead = {
      globalConcurrency: 5,
      cpuShare: 0.5,
      queue: 9,
      adaptive: { algorithm: 'gradient', min: 2, max: 9, initial: 4 },
    };
    expect(withBulkhead(bulkhead, { whenFull: 'shed' }).bulkhead).toEqual(bulkhead);
  });
});

describe('bulkheads of the configuration', () => {
  it.each(refused)('%o is refused: %s', (bulkhead, what, allowed) => {
    const message = refusal('RINGMAIN_CONFIG_INVALID', () => parseConfig({ bulkheads: { db: bulkhead } }));
    expect(message).toContain(`bulkheads.db.${what.replace(' ', ': ')}`);
    expect(message).toContain(allowed);
  });
});

it('bounds of a limit that are not in order are refused in the configuration too', () => {
  const db = { adaptive: { algorithm: 'aimd' as const, min: 5, max: 4 } };
  const message = refusal('RINGMAIN_CONFIG_INVALID', () => parseConfig({ bulkheads: { db } }));
  expect(message).toMatch(/bulkheads\.db\.adaptive.*min, initial and max are in this order/);
});

describe('adaptiveLimitOptions()', () => {
  it('begins with 10, or the bound next to it', () => {
    expect(adaptiveLimitOptions({ algorithm: 'aimd' })).toMatchObject({ min: 1, max: 256, initial: 10, slowUs: Infinity });
    expect(adaptiveLimitOptions({ algorithm: 'aimd', max: 4 }).initial).toBe(4);
    expect(adaptiveLimitOptions({ algorithm: 'aimd', min: 20, slowMs: 5 })).toMatchObject({ initial: 20, slowUs: 5000 });
  });
});
