/**
 * One event of the input, checked: `{"type": "order.placed", "data": {…}, "key"?: …, "priority"?: …}`.
 */
import { RingmainError, describeValue } from '@ringmain/core';

/** What `publish` is called with. */
export interface InputEvent {
  readonly type: string;
  readonly data: unknown;
  readonly options: Readonly<Record<string, unknown>> | undefined;
}

/** An event, or why there is none. */
export type InputItem =
  | { readonly position: number; readonly event: InputEvent }
  | { readonly position: number; readonly error: RingmainError };

/** Fields an input event may have beside `type` and `data`; their values are checked by `publish`. */
const OPTION_FIELDS: ReadonlySet<string> = new Set([
  'key',
  'priority',
  'subject',
  'source',
  'correlationId',
  'causationId',
  'traceparent',
  'deadline',
  'dedupeKey',
  'metadata',
]);

const ALLOWED = `an object with type, data and optionally ${[...OPTION_FIELDS].join(', ')}`;

/** Reads an event from a line of JSON; undefined for a blank line. */
export function itemOfLine(position: number, text: string): InputItem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (text.trim() === '') return undefined;
    return { position, error: inputError('line', position, `is no JSON: ${oneLine((cause as Error).message)}`, cause) };
  }
  return itemOfValue('line', position, value);
}

/** Reads an event from a value. */
export function itemOfValue(unit: 'line' | 'entry', position: number, value: unknown): InputItem {
  try {
    const event = eventOf(value);
    return typeof event === 'string' ? { position, error: inputError(unit, position, event) } : { position, event };
  } catch (cause) {
    // Entries of a source module may have getters.
    return { position, error: inputError(unit, position, 'cannot be read', cause) };
  }
}

/** Builds the error of one line or entry. */
export function inputError(unit: 'line' | 'entry', position: number, what: string, cause?: unknown): RingmainError {
  return new RingmainError('RINGMAIN_INPUT_INVALID', `${unit} ${position} ${what}`, { details: { unit, position }, cause });
}

/** Returns the event, or what is wrong with it. */
function eventOf(value: unknown): InputEvent | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `is ${describeValue(value)} (allowed: ${ALLOWED})`;
  const fields = value as Record<string, unknown>;
  let options: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    if (name === 'type' || name === 'data') continue;
    if (!OPTION_FIELDS.has(name)) return `has the unknown field ${describeValue(name)} (allowed: ${ALLOWED})`;
    options ??= {};
    options[name] = fields[name];
  }
  const { type, data } = fields;
  if (typeof type !== 'string') return `has the type ${describeValue(type)} (allowed: a topic name)`;
  if (!Object.hasOwn(fields, 'data')) return 'has no data (allowed: any value that fits the event type)';
  return { type, data, options };
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, 200);
}
