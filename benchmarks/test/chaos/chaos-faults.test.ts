/** The plan of a chaos run follows from its seed, and meets every cell. */
import { seededRandom } from '@ringmain/core';
import { expect, it } from 'vitest';
import { CELLS, MODES, MOMENTS, planFaults } from '../../dist/chaos/chaos-faults.js';

const SEED = 7;

it('the same seed gives the same faults, another one others', () => {
  const plan = planFaults(200, 100, seededRandom(SEED));
  expect(planFaults(200, 100, seededRandom(SEED))).toEqual(plan);
  expect(planFaults(200, 100, seededRandom(SEED + 1))).not.toEqual(plan);
});

it('every mode meets every moment that it can, as often as any other', () => {
  const plan = planFaults(49 + CELLS.length * 4, 100, seededRandom(SEED)).filter(({ poison }) => !poison);
  const counts = CELLS.map(([mode, moment]) => plan.filter((fault) => fault.mode === mode && fault.moment === moment).length);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
  expect(new Set(CELLS.map(([mode]) => mode))).toEqual(new Set(MODES));
  expect(new Set(CELLS.map(([, moment]) => moment))).toEqual(new Set(MOMENTS));
  expect(CELLS).toHaveLength(MODES.length * MOMENTS.length - 6);
});
