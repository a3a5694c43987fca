/** From slices to rows: pairing by round, overhead beyond the handler, failures. */
import { describe, expect, it } from 'vitest';
import type { SliceResult } from '../../dist/peers/child-protocol.js';
import { ContenderSeries, sliceRows } from '../../dist/peers/peer-results.js';

const slice = (events: number, more: Partial<SliceResult> = {}): SliceResult => ({
  events,
  seconds: 1,
  mainCpuUs: 1_000,
  processCpuUs: 30_000,
  handlerUs: 0,
  latency: [],
  ...more,
});

function series(contender: string, events: readonly number[]): ContenderSeries {
  const made = new ContenderSeries(contender);
  events.forEach((count, round) => made.add(round, slice(count)));
  return made;
}

describe('sliceRows', () => {
  it('takes the median of the ratios of each round, not the ratio of the medians', () => {
    const rows = sliceRows('event-64B', [series('postMessage', [100, 200, 400]), series('ringmain', [1000, 1000, 1000])]);
    expect(rows.map((row) => [row.contender, row.ratioToPostMessage])).toEqual([
      ['postMessage', 1],
      ['ringmain', 5],
    ]);
  });

  it('has no ratio without the baseline', () => {
    expect(sliceRows('event-64B', [series('ringmain', [1])])[0]?.ratioToPostMessage).toBeNull();
  });

  it('reports the CPU of all threads beyond the handler as overhead', () => {
    const made = new ContenderSeries('ringmain');
    made.add(0, slice(1_000, { processCpuUs: 21_500, handlerUs: 20 }));
    expect(sliceRows('cpu-20us', [made])[0]?.overheadUs).toBe(1.5);
  });

  it('gives a failed contender a reason and no figures', () => {
    const made = series('ringmain', [1000]);
    made.failed = 'checksum';
    expect(sliceRows('event-64B', [made])[0]).toMatchObject({ failed: 'checksum', eventsPerSecond: null });
  });
});
