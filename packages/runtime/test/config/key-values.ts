/** Values for keys of the configuration, made from the schema, so that a new key is tested without a new line here. */
import type { ConfigKey, JsonSchema } from '../../dist/config/index.js';

/** An allowed value of a key that is not its default. */
export function anotherValue(key: ConfigKey): unknown {
  // Its default is the lower bound that `coordinator.tickMs` sets, so half of it would not fit.
  if (key.path === 'coordinator.idleTickMs') return 2000;
  // It must not be smaller than the shards that the tests ask for.
  if (key.path === 'shardsMax') return 7;
  return valueOf(key.schema, key.default);
}

function valueOf(schema: JsonSchema, current: unknown): unknown {
  if (schema.anyOf !== undefined) return valueOf(schema.anyOf[0] ?? {}, current);
  if (schema.enum !== undefined) {
    const others = schema.enum.filter((value) => value !== current);
    return others[1] ?? others[0];
  }
  switch (schema.type) {
    case 'integer':
      return typeof current === 'number'
        ? current > (schema.minimum ?? 0)
          ? Math.max(schema.minimum ?? 0, Math.floor(current / 2))
          : current + 1
        : (schema.minimum ?? 0) + 1;
    case 'number':
      return ((schema.minimum ?? 0) + Number(current ?? schema.maximum)) / 2;
    case 'boolean':
      return current !== true;
    case 'string':
      return './another';
    case 'array':
      return ['./another.js'];
    case 'object':
      return objectOf(schema);
    default:
      throw new Error(`no value for ${JSON.stringify(schema)}`);
  }
}

function objectOf({ properties, additionalProperties }: JsonSchema): object {
  const valuesOf = (members: JsonSchema['properties'] = {}): object =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, valueOf(value, value.default)]));
  if (properties !== undefined) return valuesOf(properties);
  // An object of names that users choose, such as `bulkheads`.
  return { another: valuesOf(typeof additionalProperties === 'object' ? additionalProperties.properties : {}) };
}

/** Reads a path of keys. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], value);
}

/** Copies an object with one value set. */
export function withValueAt(
  object: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key, ...rest] = keys;
  if (key === undefined) throw new Error('a path has at least one key');
  const child = rest.length === 0 ? value : withValueAt((object[key] ?? {}) as Record<string, unknown>, rest, value);
  return { ...object, [key]: child };
}
