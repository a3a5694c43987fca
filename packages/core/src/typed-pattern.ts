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

/** The named types of a map, without those it covers by a template such as `metric.${string}`. */
export type NamedTypes<Events> = keyof {
  [Type in keyof Events as Partial<Record<Type, unknown>> extends Record<Type, unknown> ? never : Type]: unknown;
};

/** The templates of a map, each of which stands for every type it matches. */
export type OpenTypes<Events> = keyof {
  [Type in keyof Events as Partial<Record<Type, unknown>> extends Record<Type, unknown> ? Type : never]: unknown;
};

/**
 * The event types of a map (type to payload) that a pattern covers. Of a template it takes what both cover, so the pattern `metric.cpu` makes
 * `metric.cpu` out of `metric.${string}`.
 */
export type Match<Events, Pattern extends string> = MatchNamed<Events, Pattern> | MatchOpen<Events, Pattern>;

type MatchNamed<Events, Pattern extends string> = Extract<NamedTypes<Events>, PatternText<Pattern>>;

/** Nothing where the pattern names one type: it goes before the templates that cover it. */
type MatchOpen<Events, Pattern extends string> =
  PatternText<Pattern> extends NamedTypes<Events> ? never : Common<OpenTypes<Events>, PatternText<Pattern>>;

/** What both a template of a map and a pattern's text cover; the template where no narrower type can be written. */
type Common<Template, Text extends string> = Template extends string
  ? Template extends Text
    ? Template
    : Text extends Template
      ? Text
      : Meets<Template, Text> extends true
        ? Template
        : never
  : never;

/** Tells, token by token, whether two texts with gaps can be the same. */
type Meets<One extends string, Other extends string> = string extends One | Other
  ? true
  : One extends `${infer OneToken}.${infer OneRest}`
    ? Other extends `${infer OtherToken}.${infer OtherRest}`
      ? MeetsToken<OneToken, OtherToken> extends true
        ? Meets<OneRest, OtherRest>
        : false
      : false
    : Other extends `${string}.${string}`
      ? false
      : MeetsToken<One, Other>;

type MeetsToken<One extends string, Other extends string> = One extends Other ? true : Other extends One ? true : false;

/**
 * What a handler of a pattern receives: a union that narrows `data` by `type`. A map without known names gives events of any name.
 */
export type EventOf<Events, Pattern extends string> = [NamedTypes<Events>, string] extends [never, keyof Events]
  ? RingmainEvent<string, Events[keyof Events]>
  : // Two unions, since the compiler would merge `metric.disk` into `metric.${string}` if they stood in one.
    EventOfType<Events, MatchNamed<Events, Pattern>> | EventOfType<Events, MatchOpen<Events, Pattern>>;

type EventOfType<Events, Type> = Type extends keyof Events & string ? RingmainEvent<Type, Events[Type]> : never;

/** The pattern itself if it covers at least one type, else a type that says what is wrong. */
export type Ok<Events, Pattern extends string> = [Match<Events, Pattern>] extends [never]
  ? { error: 'pattern matches no known type'; pattern: Pattern }
  : Pattern;
