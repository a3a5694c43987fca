/** Overflow decisions: the table of policies, the turns of `sample`, and the circuit breaker against the history of its tries. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OverflowInput, OverflowPolicy } from '@ringmain/policy';
import { OverflowDecider } from '@ringmain/policy';

const input: OverflowInput = { stageHasRoom: true, keyed: true, canReplace: false, nowUs: 0 };
const full: OverflowInput = { ...input, stageHasRoom: false };
const COOLDOWN_MS = 10;
const COOLDOWN_US = COOLDOWN_MS * 1000;

/** Decisions with room in the stage, without, and the same two with an event of the same key staged. */
function decisions(policy: OverflowPolicy): string[] {
  return [input, full, { ...input, canReplace: true }, { ...full, canReplace: true }].map((each) =>
    new OverflowDecider(policy).decide(each),
  );
}

describe('OverflowDecider.decide()', () => {
  it('follows the table', () => {
    const block = ['stage', 'reject', 'stage', 'reject'];
    const dropOld = ['stage-droppable', 'drop-oldest-then-stage', 'stage-droppable', 'drop-oldest-then-stage'];
    expect(decisions({ policy: 'reject' })).toEqual(['reject', 'reject', 'reject', 'reject']);
    expect(decisions({ policy: 'block', deadlineMs: 100 })).toEqual(block);
    expect(decisions({ policy: 'spill' })).toEqual(block);
    expect(decisions({ policy: 'drop-new' })).toEqual(['stage', 'drop-new', 'stage', 'drop-new']);
    expect(decisions({ policy: 'drop-old' })).toEqual(dropOld);
    expect(decisions({ policy: 'coalesce' })).toEqual(['stage-droppable', 'drop-oldest-then-stage', 'replace', 'replace']);
  });

  it('never stages in a full stage, and replaces only for coalesce, with a key, over an event that is there', () => {
    const policy = fc.constantFrom<OverflowPolicy>(
      { policy: 'reject' },
      { policy: 'block', deadlineMs: 1 },
      { policy: 'drop-new' },
      { policy: 'drop-old' },
      { policy: 'coalesce' },
      { policy: 'sample', oneOf: 2 },
      { policy: 'spill' },
      { policy: 'circuit-break', failures: 2, cooldownMs: COOLDOWN_MS },
    );
    const inputs = fc.array(
      fc.record({ stageHasRoom: fc.boolean(), keyed: fc.boolean(), canReplace: fc.boolean(), nowUs: fc.constant(0) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(policy, inputs, (chosen, list) => {
        const decider = new OverflowDecider(chosen);
        for (const each of list) {
          const decision = decider.decide(each);
          if (!each.stageHasRoom) expect(['stage', 'stage-droppable']).not.toContain(decision);
          expect(decision === 'replace').toBe(chosen.policy === 'coalesce' && each.keyed && each.canReplace);
          if (decision === 'broken') expect(chosen.policy).toBe('circuit-break');
          if (decision === 'sampled') expect(chosen.policy).toBe('sample');
        }
      }),
    );
  });

  it('treats coalesce without a key as drop-old', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (stageHasRoom, canReplace) => {
        const unkeyed = { stageHasRoom, keyed: false, canReplace, nowUs: 0 };
        const decision = new OverflowDecider({ policy: 'coalesce' }).decide(unkeyed);
        expect(decision).toBe(new OverflowDecider({ policy: 'drop-old' }).decide(unkeyed));
      }),
    );
  });
});

describe('OverflowDecider with sample', () => {
  it('stages the n-th of every n events that meet a full lane, and keeps the turn while the stage is full', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), fc.array(fc.boolean(), { maxLength: 100 }), (oneOf, rooms) => {
        const decider = new OverflowDecider({ policy: 'sample', oneOf });
        let since = 0;
        for (const stageHasRoom of rooms) {
          since++;
          const decision = decider.decide({ ...input, stageHasRoom });
          expect(decision).toBe(since >= oneOf && stageHasRoom ? 'stage' : 'sampled');
          if (decision === 'stage') since = 0;
        }
      }),
    );
  });

  it('stages every fourth', () => {
    const decider = new OverflowDecider({ policy: 'sample', oneOf: 4 });
    const staged = Array.from({ length: 12 }, () => decider.decide(input)).flatMap((decision, index) =>
      decision === 'stage' ? [index + 1] : [],
    );
    expect(staged).toEqual([4, 8, 12]);
  });
});

describe('OverflowDecider with circuit-break', () => {
  const circuitBreak = (failures: number): OverflowDecider =>
    new OverflowDecider({ policy: 'circuit-break', failures, cooldownMs: COOLDOWN_MS });

  /** What a publisher does with one event. */
  function publish(decider: OverflowDecider, laneHasRoom: boolean, nowUs: number): string {
    if (decider.refusesAtOnce(nowUs)) return 'broken';
    if (!laneHasRoom) return decider.decide({ ...full, nowUs });
    decider.succeeded(nowUs);
    return 'accepted';
  }

  it('refuses at once exactly while the last of enough refusals in a row is younger than the cooldown', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.oneof(fc.nat(500), fc.nat(COOLDOWN_US), fc.constant(COOLDOWN_US)), fc.nat(9)), { maxLength: 120 }),
        (failures, steps) => {
          const decider = circuitBreak(failures);
          let nowUs = 0;
          let refusals = 0;
          let refusedUs = -Infinity;
          for (const [pauseUs, luck] of steps) {
            nowUs += pauseUs;
            const laneHasRoom = luck < 3;
            const broken = refusals >= failures && nowUs - refusedUs < COOLDOWN_US;
            if (refusals >= failures) expect(decider.retryAfterUs(nowUs)).toBe(Math.max(0, refusedUs + COOLDOWN_US - nowUs));
            else expect(decider.retryAfterUs(nowUs)).toBe(0);
            const result = publish(decider, laneHasRoom, nowUs);
            if (broken) expect(result).toBe('broken');
            else expect(result).toBe(laneHasRoom ? 'accepted' : 'reject');
            if (result === 'accepted') refusals = 0;
            if (result === 'reject') {
              refusals++;
              refusedUs = nowUs;
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('opens after refusals in a row, lets one try through after the cooldown, and closes when that succeeds', () => {
    const decider = circuitBreak(2);
    const steps: readonly (readonly [number, boolean])[] = [
      [0, false],
      [1, true],
      [2, false],
      [3, false],
      [4, true],
      [COOLDOWN_US + 2, true],
      [COOLDOWN_US + 3, false],
      [COOLDOWN_US + 4, true],
      [2 * COOLDOWN_US + 3, true],
      [2 * COOLDOWN_US + 4, false],
      [2 * COOLDOWN_US + 5, true],
    ];
    expect(steps.map(([nowUs, room]) => publish(decider, room, nowUs))).toEqual([
      'reject',
      'accepted',
      'reject',
      'reject',
      'broken',
      'broken',
      'reject',
      'broken',
      'accepted',
      'reject',
      'accepted',
    ]);
  });

  it('lets one try through at a time, and another one when the first is not heard of for a cooldown', () => {
    const decider = circuitBreak(1);
    decider.decide({ ...full, nowUs: 0 });
    const asked = [0, COOLDOWN_US, COOLDOWN_US, 2 * COOLDOWN_US - 1, 2 * COOLDOWN_US, 2 * COOLDOWN_US + 1];
    expect(asked.map((nowUs) => decider.refusesAtOnce(nowUs))).toEqual([true, false, true, true, false, true]);
    decider.succeeded(2 * COOLDOWN_US + 2);
    expect(decider.refusesAtOnce(2 * COOLDOWN_US + 3)).toBe(false);
  });

  it('answers broken by itself to a publisher that did not ask first, and ignores successes of the time before it opened', () => {
    const decider = circuitBreak(2);
    const decide = (nowUs: number): string => decider.decide({ ...full, nowUs });
    expect([decide(0), decide(1), decide(2)]).toEqual(['reject', 'reject', 'broken']);
    decider.succeeded(3);
    expect([decide(4), decide(COOLDOWN_US + 1), decide(COOLDOWN_US + 2)]).toEqual(['broken', 'reject', 'broken']);
    decider.succeeded(2 * COOLDOWN_US + 1);
    expect([decide(2 * COOLDOWN_US + 2), decider.retryAfterUs(2 * COOLDOWN_US + 3)]).toEqual(['reject', 0]);
  });

  it('refuses nothing at once with any other policy', () => {
    const decider = new OverflowDecider({ policy: 'reject' });
    for (let tries = 0; tries < 100; tries++) decider.decide(full);
    expect([decider.refusesAtOnce(0), decider.retryAfterUs(0)]).toEqual([false, 0]);
  });
});
