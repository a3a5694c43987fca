/**
 * Refuses schemas whose payloads would not arrive as their types say: what is published is what handlers get, so a schema may check a value and
 * not change it, and a JSON payload is only what JSON can say.
 * Thread: any; runs once per event type when it is defined.
 */
import { RingmainError } from '@ringmain/core';
import type { core } from 'zod';
import type { z } from 'zod';

/** Which rules apply. */
export interface SchemaRules {
  /** The schema is run over each payload, and its result thrown away. */
  readonly validated: boolean;
  /** The payload becomes JSON text. */
  readonly json: boolean;
}

type Def = core.$ZodTypes['_zod']['def'];

interface Refusal {
  readonly found: string;
  readonly instead: string;
}

const PARSE_FIRST =
  'a schema that changes nothing; parse before you publish, and give the type the schema of the result or validate: false';
const CHANGES: Readonly<Record<string, string>> = {
  default: 'a default',
  prefault: 'a default',
  catch: 'a fallback',
  transform: 'a transform',
  success: 'a replacement of the value',
  promise: 'a promise',
};
const NO_JSON: Readonly<Record<string, string>> = {
  date: 'an ISO text (z.iso.datetime()) or milliseconds (z.number())',
  bigint: 'decimal text, or codec: struct',
  map: 'z.record() or an array of pairs',
  set: 'z.array()',
  symbol: 'text',
  function: 'data',
  nan: 'z.number(), or null',
  file: "codec: 'bytes'",
};

/**
 * Checks the schema of an event type.
 *
 * @throws {@link RingmainError} `RINGMAIN_SCHEMA_UNSUPPORTED` with the path, what stands there and what to write instead
 */
export function checkSchema(type: string, schema: z.ZodType, rules: SchemaRules): void {
  visit(schema, '', { seen: new Set(), depth: 0 }, (def, path) => {
    const refusal = (rules.validated ? changeOf(def) : undefined) ?? (rules.json ? unsayable(def) : undefined);
    if (refusal === undefined) return;
    throw new RingmainError(
      'RINGMAIN_SCHEMA_UNSUPPORTED',
      `event type ${type}: ${path === '' ? 'the schema' : path} ${refusal.found}`,
      {
        allowed: refusal.instead,
        details: { type, path },
      },
    );
  });
}

function changeOf(def: Def): Refusal | undefined {
  const name = CHANGES[def.type] ?? ('coerce' in def && def.coerce ? 'a coercion' : isCodec(def) ? 'a codec' : undefined);
  const overwrites = (def.checks ?? []).some((check) => (check._zod.def as { readonly check?: unknown }).check === 'overwrite');
  const found = name ?? (overwrites ? 'a check that rewrites the value' : undefined);
  return found === undefined
    ? undefined
    : { found: `has ${found}, and handlers would get the value without it`, instead: PARSE_FIRST };
}

/** `z.codec`, and `z.stringbool` made of it: a pipe with functions of its own. */
function isCodec(def: Def): boolean {
  return def.type === 'pipe' && typeof (def as { readonly transform?: unknown }).transform === 'function';
}

function unsayable(def: Def): Refusal | undefined {
  if (def.type === 'array' && maybeUndefined(def.element, 0))
    return {
      found: 'has elements that may be undefined, which JSON writes as null',
      instead: 'z.null() or .nullable() for elements that are missing',
    };
  const instead = NO_JSON[def.type];
  return instead === undefined ? undefined : { found: `is of type ${def.type}, which JSON cannot carry`, instead };
}

/** Whether undefined is among what a schema takes, as far as it says so; `z.any()` says nothing. */
function maybeUndefined(schema: core.$ZodType, depth: number): boolean {
  const def = schema._zod?.def as Def | undefined;
  if (def === undefined || depth > DEPTH_MAX) return false;
  switch (def.type) {
    case 'optional':
    case 'undefined':
    case 'void':
      return true;
    case 'nullable':
    case 'readonly':
      return maybeUndefined(def.innerType, depth + 1);
    case 'union':
      return def.options.some((option) => maybeUndefined(option, depth + 1));
    default:
      return false;
  }
}

interface Walk {
  readonly seen: Set<unknown>;
  depth: number;
}

/** A lazy schema may make new ones for ever; what is deeper is not looked at. */
const DEPTH_MAX = 32;

/** Visits a schema and all inside it, each once. */
function visit(schema: core.$ZodType, path: string, walk: Walk, look: (def: Def, path: string) => void): void {
  const def = schema._zod?.def as Def | undefined;
  // No schema of zod 4: nothing is known of it.
  if (def === undefined || walk.seen.has(schema) || walk.depth > DEPTH_MAX) return;
  walk.seen.add(schema);
  // Before its parts: what it is says more than what it is made of.
  look(def, path);
  walk.depth++;
  for (const [step, inner] of partsOf(def)) visit(inner, path === '' ? step.replace(/^\./, '') : path + step, walk, look);
  walk.depth--;
}

type Part = readonly [step: string, schema: core.$ZodType];

function partsOf(def: Def): readonly Part[] {
  switch (def.type) {
    case 'object':
      return [
        ...Object.entries(def.shape).map(([name, inner]): Part => [`.${name}`, inner]),
        ...(def.catchall === undefined ? [] : [['.*', def.catchall] as const]),
      ];
    case 'array':
      return [['[]', def.element]];
    case 'tuple':
      return [
        ...def.items.map((inner, index): Part => [`[${index}]`, inner]),
        ...(def.rest === null ? [] : [['[]', def.rest] as const]),
      ];
    case 'record':
      return [
        ['.*', def.keyType],
        ['.*', def.valueType],
      ];
    case 'union':
      return def.options.map((inner) => ['', inner]);
    case 'intersection':
      return [
        ['', def.left],
        ['', def.right],
      ];
    case 'pipe':
      return [
        ['', def.in],
        ['', def.out],
      ];
    case 'lazy':
      return [['', def.getter()]];
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'readonly':
    case 'default':
    case 'prefault':
    case 'catch':
      return [['', def.innerType]];
    default:
      return [];
  }
}
