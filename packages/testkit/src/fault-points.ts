/**
 * Points at which a runtime under test is made to fail, decided by a seed: the pure part that says what fails.
 *
 * Thread: any. What is drawn depends on the seed, the rule and the event, and not on what came before: the same events meet the same faults, however many
 * threads handle them, in whatever order. Only a `limit` counts, in words that all threads of a runtime share.
 */
import { RingmainError, compilePattern, describeValue, fnv1a32, seededRandom } from '@ringmain/core';
import type { TopicPattern } from '@ringmain/core';
import type { AtomicsPort } from '@ringmain/ring';

/** Where a fault can happen: in a call that publishes, before a handler is called, after a handler has ended well and before its delivery settles. */
export const FAULT_POINTS = Object.freeze(['publish', 'handler', 'settle'] as const);

/** One of {@link FAULT_POINTS}. */
export type FaultPoint = (typeof FAULT_POINTS)[number];

/** What can happen, with the points at which it can. */
export const FAULT_ACTIONS = Object.freeze({
  drop: ['publish', 'handler'],
  duplicate: ['publish', 'handler'],
  throw: ['publish', 'handler', 'settle'],
  delay: ['handler', 'settle'],
  hang: ['handler', 'settle'],
  slow: ['publish', 'handler', 'settle'],
  block: ['handler', 'settle'],
  kill: ['handler', 'settle'],
  oom: ['handler', 'settle'],
  'clock-jump': ['publish', 'handler', 'settle'],
} as const);

/** One of {@link FAULT_ACTIONS}. */
export type FaultAction = keyof typeof FAULT_ACTIONS;

/** Which events a fault concerns; all conditions must hold. */
export interface FaultMatch {
  /** Topic pattern of the event's type. */
  readonly type?: string;
  /** Group whose handler it is; none at `publish`. */
  readonly group?: string;
  /** Partition key as text; at `publish` only a key that the call names. */
  readonly key?: string;
}

/** One kind of fault; plain data, since it goes to other threads. */
export interface FaultRule {
  readonly at: FaultPoint;
  readonly action: FaultAction;
  /** @defaultValue every event */
  readonly match?: FaultMatch;
  /** Share of the events that it concerns which meet it, from 0 to 1. @defaultValue 1 */
  readonly rate?: number;
  /** Most times that it happens, in all threads together, from 0. @defaultValue any number */
  readonly limit?: number;
  /** Last attempt of a delivery that meets it, from 1. @defaultValue 1 for what ends or blocks a thread, else every attempt */
  readonly attemptsMax?: number;
  /** Milliseconds of a `delay`, of a `slow` handler, or of a `clock-jump`, which may be negative. @defaultValue 10 */
  readonly ms?: number;
}

/** What stands at a point. */
export interface FaultSubject {
  readonly type: string;
  readonly group?: string;
  readonly key?: string | undefined;
  /** Tells it from the others of its type; the same in every run. */
  readonly number: number;
  /** @defaultValue 1 */
  readonly attempt?: number;
}

/** A fault that happens. */
export interface Fault {
  readonly action: FaultAction;
  readonly ms: number;
  /** Position of its rule. */
  readonly rule: number;
}

interface Armed {
  readonly rule: FaultRule;
  readonly pattern: TopicPattern | undefined;
  readonly attemptsMax: number;
}

/** Actions after which the thread does nothing more. */
const ENDS_THREAD: ReadonlySet<string> = new Set<FaultAction>(['block', 'kill', 'oom']);
const MS_DEFAULT = 10;
const MS_MAX = 2 ** 31 - 1;
const COUNT_MAX = 2 ** 31 - 1;
const NAMES: readonly (keyof FaultRule)[] = ['at', 'action', 'match', 'rate', 'limit', 'attemptsMax', 'ms'];
const MATCH_NAMES: readonly (keyof FaultMatch)[] = ['type', 'group', 'key'];

/** True for an action after which a thread does nothing more. */
export function endsThread(action: FaultAction): boolean {
  return ENDS_THREAD.has(action);
}

/** The rules of a runtime, as one of its threads goes by them. */
export class FaultPoints {
  private readonly seed: number;
  private readonly armed: readonly Armed[];
  private readonly counts: Int32Array;
  private readonly atomics: AtomicsPort;

  /**
   * @param seed - any 32-bit integer
   * @param counts - a word for each rule, 0 at first, that all threads of the runtime share
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID`, `RINGMAIN_PATTERN_INVALID`
   */
  constructor(seed: number, rules: readonly FaultRule[], counts: Int32Array, atomics: AtomicsPort) {
    this.seed = seed;
    this.counts = counts;
    this.atomics = atomics;
    this.armed = rules.map((rule, index) => {
      checkRule(rule, `faults[${index}]`);
      return {
        rule,
        pattern: rule.match?.type === undefined ? undefined : compilePattern(rule.match.type),
        attemptsMax: rule.attemptsMax ?? (endsThread(rule.action) ? 1 : Infinity),
      };
    });
  }

  /** How often each rule has fired, in all threads. */
  fired(): number[] {
    return this.armed.map((_, index) => this.atomics.load(this.counts, index));
  }

  /** True when a rule is about a point. */
  concerns(at: FaultPoint): boolean {
    return this.armed.some(({ rule }) => rule.at === at);
  }

  /** The fault that happens at a point: that of the first rule that fires. */
  hit(at: FaultPoint, subject: FaultSubject): Fault | undefined {
    for (const [index, { rule, pattern, attemptsMax }] of this.armed.entries()) {
      if (rule.at !== at || (subject.attempt ?? 1) > attemptsMax) continue;
      const { group, key } = rule.match ?? {};
      if (pattern?.matches(subject.type) === false) continue;
      if ((group !== undefined && group !== subject.group) || (key !== undefined && key !== subject.key)) continue;
      if (this.draw(index, at, subject) >= (rule.rate ?? 1)) continue;
      if (this.count(index, rule.limit ?? COUNT_MAX)) return { action: rule.action, ms: rule.ms ?? MS_DEFAULT, rule: index };
    }
    return undefined;
  }

  /** A number from 0 to 1 that follows from the seed, the rule and what stands at the point. */
  private draw(index: number, at: FaultPoint, { type, group, number, attempt = 1 }: FaultSubject): number {
    return seededRandom(this.seed ^ fnv1a32([index, at, type, group ?? '', number, attempt].join('|'))).next();
  }

  /** Counts a fault, unless that would be more than its limit. */
  private count(index: number, limit: number): boolean {
    for (;;) {
      const before = this.atomics.load(this.counts, index);
      if (before >= limit) return false;
      if (this.atomics.compareExchange(this.counts, index, before, before + 1) === before) return true;
    }
  }
}

function checkRule(rule: FaultRule, name: string): void {
  checkNames(name, rule, NAMES);
  const { at, action, match, rate, limit, attemptsMax, ms } = rule;
  check(`${name}.at`, at, FAULT_POINTS.includes(at), FAULT_POINTS.join(', '));
  const points: readonly FaultPoint[] | undefined = Object.hasOwn(FAULT_ACTIONS, action) ? FAULT_ACTIONS[action] : undefined;
  check(`${name}.action`, action, points !== undefined, Object.keys(FAULT_ACTIONS).join(', '));
  check(`${name}.at`, at, points?.includes(at) === true, `${points?.join(', ')} for the action ${action}`);
  check(`${name}.rate`, rate, rate === undefined || (rate >= 0 && rate <= 1), 'a number from 0 to 1');
  check(`${name}.limit`, limit, isCount(limit, 0), `an integer from 0 to ${COUNT_MAX}`);
  check(`${name}.attemptsMax`, attemptsMax, isCount(attemptsMax, 1), `an integer from 1 to ${COUNT_MAX}`);
  const isNegativeAllowed = action === 'clock-jump';
  const isMs = ms === undefined || (Number.isInteger(ms) && Math.abs(ms) <= MS_MAX && (ms >= 0 || isNegativeAllowed));
  check(`${name}.ms`, ms, isMs, `an integer from ${isNegativeAllowed ? -MS_MAX : 0} to ${MS_MAX}`);
  if (match === undefined) return;
  checkNames(`${name}.match`, match, MATCH_NAMES);
  for (const part of MATCH_NAMES)
    check(`${name}.match.${part}`, match[part], match[part] === undefined || typeof match[part] === 'string', 'text');
}

function isCount(value: unknown, min: number): boolean {
  return value === undefined || (Number.isInteger(value) && (value as number) >= min && (value as number) <= COUNT_MAX);
}

function checkNames(name: string, value: unknown, names: readonly string[]): void {
  check(name, value, typeof value === 'object' && value !== null && !Array.isArray(value), `{ ${names.join('?, ')}? }`);
  for (const key of Object.keys(value as object)) check(`${name}.${key}`, 'unknown', names.includes(key), names.join(', '));
}

function check(name: string, value: unknown, isValid: boolean, allowed: string): void {
  if (isValid) return;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${name} is ${describeValue(value)}`, { allowed });
}
