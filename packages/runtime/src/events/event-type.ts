/**
 * Event types as one thread uses them: interned, with compiled codec and cached route.
 * Thread: each thread builds its own table; ids agree because names are sorted and registries are compared by hash.
 */
import type { PayloadCodec } from '@ringmain/codec';
import type { DictionaryWriter } from '@ringmain/codec';
import { createBytesCodec, createJsonCodec, planOf, structFromPlan } from '@ringmain/codec';
import type { PriorityLevel, TopicPattern } from '@ringmain/core';
import type { OverflowPolicy } from '@ringmain/policy';
import { LIMITS, RingmainError, checkTopic, compilePattern, isReservedTopic, priorityLevel } from '@ringmain/core';
import type { CodecChoice, EventDefinition, EventRegistry, OpenDefinition } from './define-events.ts';
import { SYSTEM_DEFINITION } from './system-events.ts';
import { validated } from './validated-codec.ts';

/** One event type in one thread. All fields that the router reads per event stand in one object. */
export interface EventType {
  readonly name: string;
  readonly id: number;
  readonly version: number;
  readonly codec: PayloadCodec;
  /** See {@link PayloadCodec.constantBytes}; kept here, where it is always a number. */
  readonly constantBytes: number;
  readonly priority: PriorityLevel;
  readonly key: ((data: unknown) => string | number) | undefined;
  /** What becomes of the type's events when there is no room; undefined for what the configuration says of its lane. */
  readonly overflow: OverflowPolicy | undefined;
  /** Cell that counts the type's events for hosted groups, as an index among the producer's type cells. */
  readonly cell: number;
  /** Route of the current table epoch: a group of a subscriber module matches. */
  hosted: boolean;
  /** Route of the current table epoch: a subscription of the main thread matches. */
  toMain: boolean;
  /** Route of the current table epoch: the groups of subscriber modules that match, in the order of a record's steps. */
  targets: readonly HostedTarget[];
}

/** A group of a subscriber module, as publishers know it. */
export interface HostedTarget {
  /** Number of the group. */
  readonly group: number;
  readonly name: string;
  /** True when a group without credit is left out; otherwise it holds the event back. */
  readonly sheds: boolean;
}

/** Where a type goes. */
export interface Route {
  readonly hosted: boolean;
  readonly toMain: boolean;
  readonly targets: readonly HostedTarget[];
}

/** Decides the route of a type; see `RouteTable`. */
export type RouteOf = (name: string) => Route;

const NOWHERE: Route = { hosted: false, toMain: false, targets: [] };

/** The event types of one thread. */
export class EventTypes {
  /** Types by name; a `Map`, so that names such as `__proto__` are just names. */
  readonly byName = new Map<string, EventType>();

  private readonly byId: EventType[] = [];
  private readonly open: readonly { readonly pattern: TopicPattern; readonly definition: OpenDefinition }[];
  private readonly openCodecs = new Map<CodecChoice, PayloadCodec>();
  /** Types of the runtime's own events, apart from those that users may publish. */
  private readonly systemByName = new Map<string, EventType>();
  private readonly openReceived = new Map<number, EventType>();
  private routeOf: RouteOf = () => NOWHERE;

  constructor(registry: EventRegistry) {
    let id = 0;
    const structs = new Map<string, PayloadCodec>();
    for (const [name, definition] of registry.definitions) {
      const type = closedType(name, id, definition, structs);
      this.byId.push(type);
      this.byName.set(name, type);
      id++;
    }
    this.open = registry.open.map(({ pattern, definition }) => ({ pattern: compilePattern(pattern), definition }));
  }

  /** Every type known so far, closed ones first. */
  all(): Iterable<EventType> {
    return this.byName.values();
  }

  /** Sets the routes of all types anew; a new table epoch. */
  route(routeOf: RouteOf): void {
    this.routeOf = routeOf;
    for (const type of [...this.byName.values(), ...this.systemByName.values()]) Object.assign(type, routeOf(type.name));
  }

  /**
   * Introduces an open type at its first publish.
   *
   * @throws {@link RingmainError} `RINGMAIN_TOPIC_UNKNOWN`, `RINGMAIN_TOPIC_INVALID`, `RINGMAIN_TOPIC_RESERVED`,
   * `RINGMAIN_DICTIONARY_FULL`
   */
  introduce(name: unknown, dictionary: DictionaryWriter): EventType {
    if (typeof name !== 'string')
      throw new RingmainError('RINGMAIN_TOPIC_INVALID', `event type is ${typeof name}`, { allowed: 'a string' });
    // Whatever patterns there are, nobody else publishes what belongs to the runtime.
    if (isReservedTopic(name)) checkTopic(name);
    const found = this.open.find(({ pattern }) => pattern.matches(checkTopic(name)));
    if (found === undefined) {
      throw new RingmainError(
        'RINGMAIN_TOPIC_UNKNOWN',
        `event type ${JSON.stringify(name.slice(0, LIMITS.topicChars))} is not defined`,
        {
          allowed: 'a name given to defineEvents, or one that an open pattern covers',
          details: { type: name.slice(0, LIMITS.topicChars) },
        },
      );
    }
    const id = dictionary.intern(name);
    const type = { ...this.openType(name, id, found.definition), ...this.routeOf(name) };
    this.byName.set(name, type);
    return type;
  }

  /** The type of an event that only the runtime publishes. */
  system(name: string, dictionary: DictionaryWriter): EventType {
    let type = this.systemByName.get(name);
    if (type === undefined) {
      type = { ...this.openType(name, dictionary.intern(name), SYSTEM_DEFINITION), ...this.routeOf(name) };
      this.systemByName.set(name, type);
    }
    return type;
  }

  /** The closed type of an id, or undefined. */
  closed(id: number): EventType | undefined {
    return this.byId[id];
  }

  /**
   * The open type of an id that a producer gave it.
   *
   * @param nameOf - reads the producer's dictionary
   */
  received(producer: number, id: number, nameOf: (id: number) => string): EventType {
    const cached = this.openReceived.get(producer * 0x1_0000 + id);
    if (cached !== undefined) return cached;
    const name = nameOf(id);
    const found = this.open.find(({ pattern }) => pattern.matches(name));
    const definition = isReservedTopic(name) ? SYSTEM_DEFINITION : (found?.definition ?? {});
    const type = this.openType(name, id, definition);
    this.openReceived.set(producer * 0x1_0000 + id, type);
    return type;
  }

  private openType(name: string, id: number, definition: OpenDefinition): EventType {
    const choice = definition.codec ?? 'json';
    let codec = this.openCodecs.get(choice);
    if (codec === undefined) {
      codec = typeof choice === 'object' ? choice : choice === 'bytes' ? createBytesCodec() : createJsonCodec();
      this.openCodecs.set(choice, codec);
    }
    const cell = LIMITS.typesMax + (id - LIMITS.openTypeIdBase);
    const priority = priorityLevel(definition.priority ?? 'normal');
    const constantBytes = codec.constantBytes ?? 0;
    return {
      name,
      id,
      version: 1,
      codec,
      constantBytes,
      priority,
      key: undefined,
      overflow: definition.overflow,
      cell,
      ...NOWHERE,
    };
  }
}

function closedType(name: string, id: number, definition: EventDefinition, structs: Map<string, PayloadCodec>): EventType {
  const codec = codecOf(name, definition, structs);
  return {
    name,
    id,
    version: definition.version ?? 1,
    codec,
    constantBytes: codec.constantBytes ?? 0,
    priority: priorityLevel(definition.priority ?? 'normal'),
    key: definition.key,
    overflow: definition.overflow,
    cell: id,
    ...NOWHERE,
  };
}

function codecOf(name: string, definition: EventDefinition, structs: Map<string, PayloadCodec>): PayloadCodec {
  const choice = definition.codec ?? 'json';
  // The struct encoder checks every field itself; a second pass over the schema would only cost.
  if (choice === 'struct') return structOf(definition.schema, structs);
  if (choice === 'bytes') return createBytesCodec();
  const codec = typeof choice === 'object' ? choice : createJsonCodec(definition.schema);
  return definition.validate === false ? codec : validated(codec, definition.schema, name);
}

/** Types of equal layout share one compiled codec: less code to compile, and call sites that see one class of views instead of many. */
function structOf(schema: EventDefinition['schema'], structs: Map<string, PayloadCodec>): PayloadCodec {
  const plan = planOf(schema);
  const layout = JSON.stringify(plan);
  const known = structs.get(layout);
  if (known !== undefined) return known;
  const codec = structFromPlan(plan) as PayloadCodec;
  structs.set(layout, codec);
  return codec;
}
