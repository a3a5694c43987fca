/**
 * Named points at which code can be made to fail, decided by seed: the pure part that says when.
 * Thread: the one that made it.
 */
import { RingmainError, seededRandom } from '@ringmain/core';
import type { Random } from '@ringmain/core';

/** When a point fails. All given conditions must hold. */
export interface FaultRule {
  /** Name of the point. */
  readonly point: string;
  /** Probability from 0 to 1. @defaultValue 1 */
  readonly rate?: number;
  /** Passes over so many hits first. @defaultValue 0 */
  readonly after?: number;
  /** Fails at most so often. @defaultValue Infinity */
  readonly times?: number;
  /** Looks at what the point says about itself. */
  readonly match?: (details: Readonly<Record<string, unknown>>) => boolean;
  /** What to do there; the point knows what its actions mean. @defaultValue 'throw' */
  readonly action?: string;
}

/** A point that fired. */
export interface Fault {
  readonly point: string;
  readonly action: string;
  /** Number of this fault among all of the registry, from 1. */
  readonly ordinal: number;
}

interface Armed {
  readonly rule: FaultRule;
  readonly random: Random;
  hits: number;
  fired: number;
}

/** A registry of rules. The same seed and the same hits give the same faults, whatever other points do. */
export class FaultPoints {
  /** Number of faults so far. */
  fired = 0;
  private readonly armed: Armed[];

  /**
   * @param seed - any 32-bit integer
   * @throws RingmainError `RINGMAIN_OPTION_INVALID` when a rate is not from 0 to 1
   */
  constructor(seed: number, rules: readonly FaultRule[]) {
    this.armed = rules.map((rule, index) => {
      if (!((rule.rate ?? 1) >= 0 && (rule.rate ?? 1) <= 1)) {
        throw new RingmainError('RINGMAIN_OPTION_INVALID', `fault point ${rule.point} has rate ${rule.rate}`, {
          allowed: '0 to 1',
        });
      }
      return { rule, random: seededRandom(seed ^ Math.imul(index + 1, 0x9e37_79b9)), hits: 0, fired: 0 };
    });
  }

  /**
   * Asks whether a point fails now.
   *
   * @returns the first rule's fault, or undefined
   */
  hit(point: string, details: Readonly<Record<string, unknown>> = {}): Fault | undefined {
    for (const armed of this.armed) {
      const { rule } = armed;
      if (rule.point !== point || rule.match?.(details) === false) continue;
      armed.hits++;
      if (armed.hits <= (rule.after ?? 0) || armed.fired >= (rule.times ?? Infinity)) continue;
      if (armed.random.next() >= (rule.rate ?? 1)) continue;
      armed.fired++;
      this.fired++;
      return { point, action: rule.action ?? 'throw', ordinal: this.fired };
    }
    return undefined;
  }
}
