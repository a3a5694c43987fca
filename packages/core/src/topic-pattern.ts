/**
 * Topic patterns in two dialects and one canonical form, the subject wildcards of NATS.
 * Thread: any; a compiled pattern is immutable.
 * Algorithm: compare token by token from the left; a `*` takes one token, a final `>` the rest, so there is nothing to go back to and the time is
 * linear in the topic. No regular expression is involved.
 *
 * | written (`prefix`, the default) | canonical | matches |
 * | --- | --- | --- |
 * | `sensor.mic` | `sensor.mic` | itself |
 * | `sensor.*` | `sensor.>` | one or more further tokens |
 * | `sensor.*.v1` | `sensor.*.v1` | exactly one token in the middle |
 * | `*` or `>` | `>` | every topic that is not reserved |
 * | `nats:sensor.*` | `sensor.*` | exactly one further token |
 *
 * Invariant: a pattern that starts with a wildcard matches no reserved topic; these are matched only by naming their first token.
 * Source: features of NATS subjects, https://docs.nats.io/nats-concepts/subjects
 */
import { describeValue } from './describe-value.ts';
import { RingmainError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { isReservedTopic, isTokenUnit } from './topic.ts';

/** `prefix`: a final `*` takes one or more tokens; `nats`: it takes exactly one. */
export type PatternDialect = 'prefix' | 'nats';

/** A compiled pattern. */
export interface TopicPattern {
  /** The pattern as it was written. */
  readonly source: string;
  /** The same pattern with NATS wildcards; equal patterns have equal canonical forms. */
  readonly canonical: string;
  /** True when both dialects read the source alike. */
  readonly sameInBothDialects: boolean;
  /** Tells whether a topic (one that passed `checkTopic`) matches. */
  matches(topic: string): boolean;
}

const NATS_PREFIX = 'nats:';

/**
 * Compiles a pattern.
 *
 * @param pattern - with the prefix `nats:` it is read in that dialect whatever the option says
 * @throws {@link RingmainError} `RINGMAIN_PATTERN_INVALID` for wildcards inside a token, `>` before the end, empty tokens or a broken limit
 */
export function compilePattern(pattern: unknown, options: { readonly dialect?: PatternDialect } = {}): TopicPattern {
  if (typeof pattern !== 'string') throw invalidPattern(pattern, 'text');
  const marked = pattern.startsWith(NATS_PREFIX);
  const dialect = marked ? 'nats' : checkDialect(options.dialect);
  const text = marked ? pattern.slice(NATS_PREFIX.length) : pattern;
  if (text.length === 0 || text.length > LIMITS.topicChars) throw invalidPattern(pattern, `1 to ${LIMITS.topicChars} characters`);
  const written = text.split('.');
  if (written.length > LIMITS.topicTokens) throw invalidPattern(pattern, `1 to ${LIMITS.topicTokens} tokens`);
  for (const [index, token] of written.entries()) checkToken(token, index === written.length - 1, pattern);
  const endsInStar = written.at(-1) === '*';
  const tokens = endsInStar && dialect === 'prefix' ? [...written.slice(0, -1), '>'] : written;
  return Object.freeze({
    source: pattern,
    canonical: tokens.join('.'),
    sameInBothDialects: !endsInStar || marked,
    matches: (topic: string) => matchesTokens(tokens, topic),
  });
}

function checkDialect(dialect: unknown): PatternDialect {
  if (dialect === undefined || dialect === 'prefix' || dialect === 'nats') return dialect ?? 'prefix';
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `dialect is ${describeValue(dialect)}`, { allowed: 'prefix, nats' });
}

function checkToken(token: string, last: boolean, pattern: string): void {
  if (token === '*') return;
  if (token === '>') {
    if (last) return;
    throw invalidPattern(pattern, '> as the last token only');
  }
  if (token === '') throw invalidPattern(pattern, 'tokens that are not empty');
  for (let index = 0; index < token.length; index++) {
    if (!isTokenUnit(token.charCodeAt(index)))
      throw invalidPattern(pattern, 'tokens of printable ASCII, * and > as whole tokens');
  }
}

function matchesTokens(tokens: readonly string[], topic: string): boolean {
  let at = 0;
  for (const [index, token] of tokens.entries()) {
    if (at >= topic.length) return false;
    if (index === 0 && (token === '*' || token === '>') && isReservedTopic(topic)) return false;
    if (token === '>') return true;
    const dot = topic.indexOf('.', at);
    const end = dot === -1 ? topic.length : dot;
    const fits = token === '*' ? end > at : token.length === end - at && topic.startsWith(token, at);
    if (!fits) return false;
    at = end + 1;
  }
  // After the last token of the topic, `at` stands one behind its end.
  return at === topic.length + 1;
}

function invalidPattern(pattern: unknown, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_PATTERN_INVALID', `pattern is ${describeValue(pattern)}`, {
    allowed,
    details: { pattern: describeValue(pattern) },
  });
}
