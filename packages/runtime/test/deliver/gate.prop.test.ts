/** Those who wait at one gate against a plain model: the most urgent first, of one group the oldest, and no group for ever behind the others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Waiter } from '../../dist/deliver/gate.js';
import { WaitingDeliveries } from '../../dist/deliver/gate.js';

const GROUPS = ['a', 'b', 'c', 'd'] as const;

interface Added extends Waiter {
  /** Takes of its priority that went to other groups while its group waited, since that last had its turn. */
  passedOver: number;
}

const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('add' as const), group: fc.constantFrom(...GROUPS), priority: fc.nat(3) }),
    fc.record({ kind: fc.constant('take' as const) }),
    fc.record({ kind: fc.constant('remove' as const), pick: fc.nat(20) }),
  ),
  { maxLength: 200 },
);

describe('WaitingDeliveries', () => {
  it('gives the most urgent, groups in turn, and of each group the oldest', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const waiting = new WaitingDeliveries();
        const model: Added[] = [];
        for (const step of script) {
          if (step.kind === 'add') {
            const added: Added = { group: step.group, priority: step.priority, begin: () => {}, passedOver: 0 };
            waiting.add(added);
            model.push(added);
          } else if (step.kind === 'remove') {
            const [removed] = model.splice(step.pick % Math.max(1, model.length), 1);
            if (removed === undefined) continue;
            waiting.remove(removed);
            // What does not wait is nobody's business.
            waiting.remove(removed);
          } else {
            const taken = waiting.take();
            if (model.length === 0) expect(taken).toBeUndefined();
            else takeFrom(model, taken as Added);
          }
          expect(waiting.size).toBe(model.length);
        }
      }),
    );
  });
});

function takeFrom(model: Added[], taken: Added): void {
  const mostUrgent = Math.min(...model.map(({ priority }) => priority));
  const equal = model.filter(({ priority }) => priority === mostUrgent);
  expect(taken.priority).toBe(mostUrgent);
  expect(equal.find(({ group }) => group === taken.group)).toBe(taken);
  model.splice(model.indexOf(taken), 1);
  for (const one of equal) {
    if (one.group === taken.group) one.passedOver = 0;
    else one.passedOver++;
    // Each other group has had its turn, and the one that had the last before this waited may have had one more.
    expect(one.passedOver).toBeLessThanOrEqual(GROUPS.length);
  }
}
