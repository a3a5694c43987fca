/**
 * The keys of the configuration as a table, derived from the schema: for the documentation, for environment variables and for the
 * words in errors.
 * Thread: any. Built on first use, because a valid configuration needs none of it.
 */
import * as z from 'zod';
import { configSchema } from './config-schema.ts';

/** The part of JSON Schema that the configuration uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  /** The values of an object whose names users choose. */
  readonly additionalProperties?: JsonSchema | false;
  /** The allowed values in words, where they do not follow from the rest. Not part of the published schema. */
  readonly allowed?: string;
}

/** One key that holds a value. */
export interface ConfigKey {
  readonly keys: readonly string[];
  /** Dotted path, such as `lanes.normal.capacityBytes`. */
  readonly path: string;
  /** Environment variable that overrides it. */
  readonly variable: string;
  readonly default: unknown;
  /** The allowed values in words. */
  readonly allowed: string;
  readonly description: string;
  readonly schema: JsonSchema;
}

/** Prefix of the environment variables. */
export const VARIABLE_PREFIX = 'RINGMAIN_';

/** The key in which editors look for the JSON Schema; it configures nothing. */
export const SCHEMA_KEY = '$schema';

let tree: JsonSchema | undefined;
let keys: readonly ConfigKey[] | undefined;

/** The JSON Schema of the configuration, with `allowed` texts. */
export function schemaTree(): JsonSchema {
  tree ??= z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return tree;
}

/** The JSON Schema of the configuration as it is published for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema['allowed'];
    },
  });
}

/** Every key that holds a value, in the order of the schema. */
export function configKeys(): readonly ConfigKey[] {
  keys ??= Object.freeze(collectKeys(schemaTree(), []));
  return keys;
}

/** The schema at a path of keys and array positions, or undefined when there is none. */
export function schemaAt(path: readonly PropertyKey[]): JsonSchema | undefined {
  let node: JsonSchema | undefined = schemaTree();
  for (const step of path) {
    if (node === undefined) return undefined;
    if (typeof step === 'number') node = node.items ?? node.anyOf?.find(({ items }) => items !== undefined)?.items;
    else if (typeof step === 'string' && node.properties !== undefined && Object.hasOwn(node.properties, step))
      node = node.properties[step];
    else if (hasChosenNames(node)) node = node.additionalProperties;
    else return undefined;
  }
  return node;
}

/** Says in words what a schema allows. */
export function describeAllowed(schema: JsonSchema): string {
  if (schema.allowed !== undefined) return schema.allowed;
  if (schema.anyOf !== undefined) return schema.anyOf.map(describeAllowed).join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  switch (schema.type) {
    case 'integer':
      return `an integer from ${schema.minimum} to ${schema.maximum}`;
    case 'number':
      return `a number from ${schema.minimum} to ${schema.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return `a string of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
    case 'array':
      return `an array of ${schema.minItems === undefined ? 'at most' : `${schema.minItems} to`} ${schema.maxItems} entries, each ${describeAllowed(schema.items ?? {})}`;
    case 'object':
      if (hasChosenNames(schema)) return `an object of names, each with ${describeAllowed(schema.additionalProperties)}`;
      return `an object with the keys ${keyNames(schema).join(', ')}`;
    default:
      return 'any value';
  }
}

/** The names of an object's keys, without `$schema`. */
export function keyNames(schema: JsonSchema): string[] {
  return Object.keys(schema.properties ?? {}).filter((name) => name !== SCHEMA_KEY);
}

/** True for an object whose names users choose. */
function hasChosenNames(schema: JsonSchema): schema is JsonSchema & { readonly additionalProperties: JsonSchema } {
  return schema.properties === undefined && typeof schema.additionalProperties === 'object';
}

function collectKeys(schema: JsonSchema, path: readonly string[]): ConfigKey[] {
  return keyNames(schema).flatMap((name) => {
    const child = schema.properties?.[name] ?? {};
    const childPath = [...path, name];
    if (child.type === 'object' && !hasChosenNames(child)) return collectKeys(child, childPath);
    return [
      Object.freeze({
        keys: Object.freeze(childPath),
        path: childPath.join('.'),
        variable: VARIABLE_PREFIX + childPath.join('__').toUpperCase(),
        default: child.default,
        allowed: describeAllowed(child),
        description: child.description ?? '',
        schema: child,
      }),
    ];
  });
}
