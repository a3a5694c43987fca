/**
 * The explorer against a small ring with a doorbell and recovery: exhaustive where the ring is right, and a failure for each way to be wrong.
 */
import { describe, expect, test } from 'vitest';
import { assertHolds, explore, replay } from '@ringmain/testkit';
import type { FailureKind, KillPlan } from '@ringmain/testkit';
import { standInScenario } from './stand-in-ring.ts';
import type { StandInFault, StandInShape } from './stand-in-ring.ts';

const twice: KillPlan = { max: 2, victims: ['consumer'] };
const eitherTwice: KillPlan = { max: 2, victims: ['producer', 'consumer'] };

const shapes: readonly (readonly [string, StandInShape])[] = [
  ['4 events, two kills on either side', { events: 4, capacity: 2, wait: 'spin', kills: eitherTwice }],
  ['3 events and a bell', { events: 3, capacity: 2, wait: 'bell' }],
  ['2 events and a bell, one kill on either side', { events: 2, capacity: 2, wait: 'bell', kills: { ...eitherTwice, max: 1 } }],
];

describe('explore() of a small ring', () => {
  test.each(shapes)('holds in every schedule: %s', (name, shape) => {
    const stats = assertHolds(explore(standInScenario(shape)));
    console.info(`${name}: ${JSON.stringify(stats)}`);
    expect(stats.executions).toBeGreaterThan(100);
    expect(stats.killPoints > 0).toBe(shape.kills !== undefined);
  });

  const faults: readonly (readonly [StandInFault, FailureKind])[] = [
    ['bell before commit', 'lost-wake-up'],
    ['commit before data', 'race'],
    ['wake-up not redone', 'lost-wake-up'],
    ['progress before delivery', 'check'],
    ['no successor', 'check'],
  ];

  test.each(faults)('finds the fault "%s" as %s, and again from its schedule', (fault, kind) => {
    const scenario = standInScenario({
      events: 4,
      capacity: 2,
      wait: 'bell',
      kills: fault === 'wake-up not redone' ? eitherTwice : twice,
      fault,
    });
    const { failure } = explore(scenario);
    expect(failure?.kind).toBe(kind);
    expect(replay(scenario, failure?.schedule ?? '').failure?.kind).toBe(kind);
  });
});
