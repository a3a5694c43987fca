/** Tables and verdicts of stress results. */
import { describe, expect, it } from 'vitest';
import { isSound } from '../../dist/stress/stress-command.js';
import { stressPage } from '../../dist/stress/stress-page.js';
import { type StressResult, skippedBecause } from '../../dist/stress/stress-result.js';
import { figureRows, outcomeRows, stressTable } from '../../dist/stress/stress-table.js';

const result: StressResult = {
  scenario: 'overload',
  seconds: 1,
  figures: { p50: 30, unknown: null, extra: 2 },
  baseline: { p50: 10, unknown: 4 },
  outcomes: { accepted: 3, shed: 1 },
  outcomesByPriority: { critical: { accepted: 3 }, low: { shed: 1 } },
  conservation: { holds: true },
  lost: 0,
  notes: ['<none>'],
};

describe('stress report', () => {
  it('puts figures beside their baseline, with dashes for what is not known', () => {
    expect(figureRows(result).slice(1)).toEqual([
      ['p50', '30.0', '10.0', '3.00x'],
      ['unknown', '-', '4.00', '-'],
      ['extra', '2.00', '-', '-'],
    ]);
  });

  it('lists outcomes of any name, by priority', () => {
    expect(outcomeRows(result)).toEqual([
      ['events', 'accepted', 'shed'],
      ['all', '3', '1'],
      ['critical', '3', '0'],
      ['low', '0', '1'],
    ]);
  });

  it('is sound only if the books balance and nothing was lost', () => {
    expect(isSound(result)).toBe(true);
    expect(isSound({ ...result, lost: 1 })).toBe(false);
    expect(isSound({ ...result, conservation: { holds: false } })).toBe(false);
  });

  it('says why a scenario was skipped, and escapes what it writes', () => {
    const skipped: StressResult = { scenario: 'resize', seconds: 1, ...skippedBecause('no <resize>') };
    expect(stressTable(skipped)).toBe('resize (1 s): skipped: no <resize>');
    const page = stressPage([
      { result: skipped, phases: [] },
      { result, phases: [] },
    ]);
    expect(page).toContain('skipped: no &lt;resize&gt;');
    expect(page).toContain('&lt;none&gt;');
  });
});
