/**
 * Patterns at the type level: which event types of a map a pattern covers, and what their handler therefore receives.
 * Thread: none; types only.
 * Limits: a `*` in the middle is typed as any text, so the types are an upper bound and the runtime matcher decides. Reserved topics are in no map.
 */
import type { RingmainEvent } from './event.ts';

/** The text a pattern covers, as a template type; a final `*` or `>` stands for any tail. */
export type PatternText<Pattern extends string> = Pattern extends '*' | '>'
  ? string
  : Pattern extends `nats:${infer Rest}`
    ? PatternText<Rest>
    : Pattern extends `*.${infer Rest}`
      ? `${string}.${PatternText<Rest>}`
      : Pattern extends `${infer Token}.${infer Rest}`
        ? `${Token}.${PatternText<Rest>}`
        : Pattern;

/** The event types of a map (type to payload) that a pattern covers. */
export type Match<Events, Pattern extends string> = Extract<keyof Events, PatternText<Pattern>>;

/** What a handler of a pattern receives: a union that narrows `data` by `type`. A map without known names gives events of any name. */
export type EventOf<Events, Pattern extends string> = string extends keyof Events
  ? RingmainEvent<string, Events[keyof Events]>
  : {
      [Type in Match<Events, Pattern> & string]: RingmainEvent<Type, Events[Type]>;
    }[Match<Events, Pattern> & string];

/** The pattern itself if it covers at least one type, else a type that says what is wrong. */
export type Ok<Events, Pattern extends string> = [Match<Events, Pattern>] extends [never]
  ? { error: 'pattern matches no known type'; pattern: Pattern }
  : Pattern;
