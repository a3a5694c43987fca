/**
 * `defineEvents`: one source for the types, validation, codec, key and priority of every event.
 * Thread: evaluated in every thread that publishes or handles; threads compare {@link EventRegistry.hash} at start.
 */
import type { PayloadCodec } from '@ringmain/codec';
import { planOf } from '@ringmain/codec';
import type { PatternText, PriorityName } from '@ringmain/core';
import {
  LIMITS,
  RingmainError,
  checkTopic,
  compilePattern,
  describeValue,
  fnv1a32,
  isReservedTopic,
  isRingmainError,
  priorityLevel,
} from '@ringmain/core';
import type { OverflowPolicy } from '@ringmain/policy';
import type { z } from 'zod';
import type { Refuse } from '../check-names.ts';
import { checkNames, isRecord, refuseOption } from '../check-names.ts';
import { checkSchema } from './check-schema.ts';
import { checkOverflow } from './check-overflow.ts';

/** How payloads of a type become bytes. */
export type CodecChoice = 'struct' | 'json' | 'bytes' | PayloadCodec;

/** One event type, as the user writes it. */
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
  /**
   * Zod schema of the payload; for `codec: 'bytes'` use {@link bytesSchema}. It checks what is published and changes nothing: no defaults,
   * transforms or coercions, and with `codec: 'json'` nothing that JSON cannot carry.
   */
  readonly schema: Schema;
  /** Schema version, from 1. @defaultValue 1 */
  readonly version?: number;
  /** @defaultValue `'json'` */
  readonly codec?: CodecChoice;
  /** Derives the partition key; integers hash as their decimal text. Without it events spread over all shards. */
  readonly key?: (data: z.output<Schema>) => string | number;
  /** @defaultValue `'normal'` */
  readonly priority?: PriorityName;
  /** What becomes of events of this type when there is no room. @defaultValue what `overflow` of the configuration says of the lane */
  readonly overflow?: OverflowPolicy;
  /** Whether `publish` checks the payload against the whole schema. `struct` always checks types itself. @defaultValue true */
  readonly validate?: boolean;
}

/** Event types that are not named in advance: every topic that matches the pattern. */
export interface OpenDefinition {
  /** @defaultValue `'json'` */
  readonly codec?: 'json' | 'bytes' | PayloadCodec;
  /** @defaultValue `'normal'` */
  readonly priority?: PriorityName;
  /** See {@link EventDefinition.overflow}. */
  readonly overflow?: OverflowPolicy;
}

/** A checked set of event definitions. `Events` maps type names to payload types. */
export interface EventRegistry<Events = Record<string, unknown>> {
  readonly kind: 'ringmain.events';
  readonly definitions: ReadonlyMap<string, EventDefinition>;
  readonly open: readonly { readonly pattern: string; readonly definition: OpenDefinition }[];
  /** Differs when two threads hold different definitions. */
  readonly hash: number;
  /** Never present; carries the payload types. */
  readonly types?: Events;
}

/** Payload type of an open definition: what its codec takes. A JSON payload of a type nobody named is not known. */
type OpenPayload<Definition> = Definition extends { readonly codec: 'bytes' }
  ? Uint8Array
  : Definition extends { readonly codec: PayloadCodec<infer Payload> }
    ? Payload
    : unknown;

/** Payload types by open pattern; a pattern such as `metric.*` stands as the template `metric.${string}`. */
type OpenPayloads<Open> = { [Pattern in keyof Open & string as PatternText<Pattern>]: OpenPayload<Open[Pattern]> };

type ClosedPayloads<Schemas> = { [Name in keyof Schemas]: z.output<Schemas[Name]> };

/** Payload types of a registry: by name, and by template for open patterns. A name wins over the templates that cover it. */
export type EventsOf<Schemas, Open> = {
  [Type in keyof (ClosedPayloads<Schemas> & OpenPayloads<Open>)]: Type extends keyof Schemas
    ? z.output<Schemas[Type]>
    : Type extends keyof OpenPayloads<Open>
      ? OpenPayloads<Open>[Type]
      : never;
};

/** Payload types by event name, out of a registry. */
export type InferEvents<Registry> = Registry extends EventRegistry<infer Events> ? Events : never;

/**
 * Checks and freezes event definitions.
 *
 * @param definitions - event types by topic name; at most `LIMITS.typesMax`
 * @param options.open - topics that are not named in advance, by pattern. The first pattern that matches decides, and a name in `definitions`
 * goes before all of them. Their payloads are `unknown`, or what the codec takes
 * @throws {@link RingmainError} `RINGMAIN_TOPIC_INVALID`, `RINGMAIN_TOPIC_RESERVED`, `RINGMAIN_OPTION_INVALID`, `RINGMAIN_SCHEMA_UNSUPPORTED`,
 * `RINGMAIN_LIMIT_EXCEEDED`
 * @example
 * ```ts
 * export const events = defineEvents({
 *   'order.placed': { schema: z.object({ id: z.int(), amount: z.number() }), codec: 'struct', key: (o) => o.id },
 * });
 * ```
 */
export function defineEvents<
  Schemas extends Record<string, z.ZodType>,
  // Without open patterns there must be no key at all: any other default would make every name a known one.
  // oxlint-disable-next-line typescript/no-generated-empty-object-type
  const Open extends Readonly<Record<string, OpenDefinition>> = Record<never, OpenDefinition>,
>(
  definitions: { readonly [Name in keyof Schemas]: EventDefinition<Schemas[Name]> },
  options: { readonly open?: Open } = {},
): EventRegistry<EventsOf<Schemas, Open>> {
  if (!isRecord(definitions)) refuseOption(`definitions is ${describeValue(definitions)}`, 'an object of event types by name');
  checkNames('options', options, OPTION_NAMES);
  if (options.open !== undefined && !isRecord(options.open))
    refuseOption(`open is ${describeValue(options.open)}`, 'an object of open definitions by pattern');
  const byName = new Map<string, EventDefinition>();
  for (const name of Object.keys(definitions).sort()) {
    const definition = definitions[name as keyof Schemas] as unknown as EventDefinition;
    checkDefinition(checkTopic(name), definition);
    byName.set(name, Object.freeze({ ...definition }));
  }
  if (byName.size > LIMITS.typesMax) {
    throw new RingmainError('RINGMAIN_LIMIT_EXCEEDED', `${byName.size} event types`, { allowed: `at most ${LIMITS.typesMax}` });
  }
  const open = Object.entries(options.open ?? {}).map(([pattern, definition]) => {
    if (isReservedTopic(compilePattern(pattern).canonical)) {
      throw new RingmainError('RINGMAIN_TOPIC_RESERVED', `open pattern ${pattern} starts with $ or system.`, {
        details: { pattern },
      });
    }
    const fail = refusing(`open pattern ${pattern}`);
    checkNames('the definition', definition, OPEN_NAMES, fail);
    checkCodec(definition.codec, ['json', 'bytes'], fail);
    if (definition.priority !== undefined) priorityLevel(definition.priority);
    if (definition.overflow !== undefined) checkOverflow(pattern, definition.overflow, false);
    return Object.freeze({ pattern, definition: Object.freeze({ ...definition }) });
  });
  return Object.freeze({ kind: 'ringmain.events', definitions: byName, open, hash: hashOf(byName, open) } as const);
}

/** Tells whether a value is a registry, also one of another copy of the package. */
export function isEventRegistry(value: unknown): value is EventRegistry {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'ringmain.events';
}

// Records of all names, so that the compiler misses none.
const OPEN: Readonly<Record<keyof OpenDefinition, true>> = { codec: true, priority: true, overflow: true };
const CLOSED: Readonly<Record<keyof EventDefinition, true>> = { ...OPEN, schema: true, version: true, key: true, validate: true };
const OPEN_NAMES: ReadonlySet<string> = new Set(Object.keys(OPEN));
const CLOSED_NAMES: ReadonlySet<string> = new Set(Object.keys(CLOSED));
const OPTION_NAMES: ReadonlySet<string> = new Set(['open']);
const CODEC_METHODS = ['measure', 'encode', 'decode', 'view', 'rebase', 'release'] as const;

function refusing(what: string): Refuse {
  return (found, allowed) => refuseOption(`${what}: ${found}`, allowed);
}

function checkDefinition(name: string, definition: EventDefinition): void {
  const fail: Refuse = (found, allowed) => {
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `event type ${name}: ${found}`, { allowed, details: { type: name } });
  };
  checkNames('the definition', definition, CLOSED_NAMES, fail);
  if (typeof definition.schema?.safeParse !== 'function') fail('schema is missing', 'a zod schema');
  const version = definition.version ?? 1;
  if (!Number.isInteger(version) || version < 1 || version > 65535)
    fail(`version is ${describeValue(version)}`, 'an integer from 1 to 65535');
  if (definition.priority !== undefined) priorityLevel(definition.priority);
  if (definition.overflow !== undefined) checkOverflow(name, definition.overflow, definition.key !== undefined);
  if (definition.key !== undefined && typeof definition.key !== 'function')
    fail('key is no function', 'a function of the payload');
  if (definition.validate !== undefined && typeof definition.validate !== 'boolean')
    fail(`validate is ${describeValue(definition.validate)}`, 'true or false');
  const codec = checkCodec(definition.codec, ['struct', 'json', 'bytes'], fail);
  if (codec === 'struct') checkStruct(name, definition.schema);
  // The bytes codec looks at no schema.
  else if (codec !== 'bytes')
    checkSchema(name, definition.schema, { validated: definition.validate !== false, json: codec === 'json' });
}

function checkCodec(codec: unknown, names: readonly string[], fail: Refuse): unknown {
  if (codec === undefined) return 'json';
  if (typeof codec !== 'object' || codec === null) {
    if (!names.includes(codec as string))
      fail(`codec is ${typeof codec === 'string' ? codec : describeValue(codec)}`, `${names.join(', ')} or a codec object`);
    return codec;
  }
  const { id } = codec as Partial<PayloadCodec>;
  if (!Number.isInteger(id) || (id as number) < 16 || (id as number) > 255)
    fail(`codec has the id ${describeValue(id)}`, 'a codec with an id from 16 to 255');
  const missing = CODEC_METHODS.find((method) => typeof (codec as Partial<PayloadCodec>)[method] !== 'function');
  if (missing !== undefined) fail(`codec has no method ${missing}`, CODEC_METHODS.join(', '));
  return codec;
}

/** What a struct cannot hold is refused here, where the type has a name. */
function checkStruct(name: string, schema: z.ZodType): void {
  try {
    planOf(schema);
  } catch (cause) {
    if (!isRingmainError(cause)) throw cause;
    const found = cause.message.slice(cause.code.length + 2);
    throw new RingmainError(cause.code, `event type ${name}: ${found}`, { details: { ...cause.details, type: name }, cause });
  }
}

/** Threads that lay records out differently would read one field for another, so the layout is part of the hash. */
function layoutOf({ codec, schema }: EventDefinition): string {
  return codec === 'struct' ? JSON.stringify(planOf(schema)) : '';
}

function hashOf(definitions: ReadonlyMap<string, EventDefinition>, open: EventRegistry['open']): number {
  const text = (codec: CodecChoice | undefined): string => (typeof codec === 'object' ? codec.name : (codec ?? 'json'));
  const lines = [...definitions].map(([name, one]) =>
    [name, one.version ?? 1, text(one.codec), one.priority ?? 'normal', one.key !== undefined, layoutOf(one)].join('|'),
  );
  for (const { pattern, definition } of open)
    lines.push([pattern, text(definition.codec), definition.priority ?? 'normal'].join('|'));
  return fnv1a32(lines.join('\n'));
}
