/**
 * Topic names: the event types and the subjects they become on NATS.
 * Thread: any.
 * Grammar: tokens joined by `.`, each of one or more printable ASCII characters except `.`, `*` and `>`; case-sensitive. Names that start with `$` or
 * `system.` belong to the runtime.
 */
import { describeValue } from './describe-value.ts';
import { RingmainError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Settings of {@link checkTopic}. */
export interface TopicCheckOptions {
  /** Accepts the runtime's own topics. @defaultValue false */
  readonly reserved?: boolean;
}

/** Tells whether a topic belongs to the runtime. */
export function isReservedTopic(name: string): boolean {
  return name.startsWith('$') || name.startsWith('system.');
}

/**
 * Checks a topic name and returns it.
 *
 * @throws {@link RingmainError} `RINGMAIN_TOPIC_INVALID` when it breaks the grammar or a limit, `RINGMAIN_TOPIC_RESERVED` for the runtime's own
 */
export function checkTopic(name: unknown, options: TopicCheckOptions = {}): string {
  if (typeof name !== 'string') throw invalidTopic(name, 'text');
  if (name.length === 0 || name.length > LIMITS.topicChars) throw invalidTopic(name, `1 to ${LIMITS.topicChars} characters`);
  let tokens = 1;
  let tokenStart = 0;
  for (let index = 0; index <= name.length; index++) {
    const unit = index < name.length ? name.charCodeAt(index) : DOT;
    if (unit === DOT) {
      if (index === tokenStart) throw invalidTopic(name, 'tokens that are not empty');
      tokenStart = index + 1;
      if (index < name.length) tokens++;
    } else if (!isTokenUnit(unit)) {
      throw invalidTopic(name, 'printable ASCII without blanks, * and >');
    }
  }
  if (tokens > LIMITS.topicTokens) throw invalidTopic(name, `1 to ${LIMITS.topicTokens} tokens`);
  if (options.reserved !== true && isReservedTopic(name)) {
    throw new RingmainError('RINGMAIN_TOPIC_RESERVED', `topic ${describeValue(name)} starts with $ or system.`, {
      details: { name },
    });
  }
  return name;
}

const DOT = 46;
const STAR = 42;
const TAIL = 62;

/** Tells whether a UTF-16 unit may stand in a token. */
export function isTokenUnit(unit: number): boolean {
  return unit > 0x20 && unit < 0x7f && unit !== DOT && unit !== STAR && unit !== TAIL;
}

function invalidTopic(name: unknown, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_TOPIC_INVALID', `topic is ${describeValue(name)}`, {
    allowed,
    details: { name: describeValue(name) },
  });
}
