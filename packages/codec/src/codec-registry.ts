/**
 * The codecs of one thread by name and by the id that stands in records.
 * Thread: one registry per thread; filled before the first record.
 * Invariant: ids and names are unique; id 1 (`struct`) is not here, because a struct codec belongs to one event type.
 * Bound: at most 240 custom codecs, ids 16 to 255.
 */
import { RingmainError, describeValue } from '@ringmain/core';
import { createBytesCodec } from './bytes-codec.ts';
import { createJsonCodec } from './json/json-codec.ts';
import { createCodec } from './payload-codec.ts';
import type { PayloadCodec } from './payload-codec.ts';

/** First id of custom codecs; below it stand the built-in ones. */
export const CUSTOM_CODEC_ID_MIN = 16;
/** Last codec id: the header keeps it in eight bits. */
export const CODEC_ID_MAX = 255;

const METHODS = ['measure', 'encode', 'decode', 'view', 'rebase', 'release'] as const;

/** Codecs that are not bound to a type, by name and id. */
export class CodecRegistry {
  readonly #byId: (PayloadCodec | undefined)[] = Array.from({ length: CODEC_ID_MAX + 1 }, () => undefined);
  readonly #byName = new Map<string, PayloadCodec>();

  /** Starts with `json` and `bytes`, and adds custom codecs. @throws {@link RingmainError} as {@link CodecRegistry.register} */
  constructor(custom: Iterable<PayloadCodec> = []) {
    this.#add(createJsonCodec());
    // The registry is untyped by nature: which payload a codec takes is known to the event type that names it.
    this.#add(createBytesCodec());
    for (const codec of custom) this.register(codec);
  }

  /**
   * Adds a custom codec and returns it in the form the runtime calls.
   *
   * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for an id outside 16 to 255, a taken id or name, or a missing method
   */
  register(codec: PayloadCodec): PayloadCodec {
    const { id, name } = codec;
    if (!Number.isInteger(id) || id < CUSTOM_CODEC_ID_MIN || id > CODEC_ID_MAX) {
      throw refused(`codec id is ${describeValue(id)}`, `an integer from ${CUSTOM_CODEC_ID_MIN} to ${CODEC_ID_MAX}`);
    }
    if (this.#byId[id] !== undefined) throw refused(`codec id ${id} is taken by ${this.#byId[id].name}`, 'one codec per id');
    if (typeof name !== 'string' || name === '' || name === 'struct' || this.#byName.has(name)) {
      throw refused(`codec name is ${describeValue(name)}`, 'a name no other codec has');
    }
    const missing = METHODS.find((method) => typeof codec[method] !== 'function');
    if (missing !== undefined) throw refused(`codec ${describeValue(name)} has no method ${missing}`, METHODS.join(', '));
    return this.#add(bound(codec));
  }

  /** The codec of an id; undefined for `struct` and for ids nobody registered. */
  byId(id: number): PayloadCodec | undefined {
    return this.#byId[id];
  }

  /** The codec of a name; undefined for `struct` and for names nobody registered. */
  byName(name: string): PayloadCodec | undefined {
    return this.#byName.get(name);
  }

  /** Names of all codecs in the registry. */
  names(): string[] {
    return [...this.#byName.keys()];
  }

  #add(codec: PayloadCodec): PayloadCodec {
    this.#byId[codec.id] = codec;
    this.#byName.set(codec.name, codec);
    return codec;
  }
}

/** Gives a custom codec (often a class instance) the shape of the built-in ones; its methods keep their `this`. */
function bound(codec: PayloadCodec): PayloadCodec {
  return createCodec({
    name: codec.name,
    id: codec.id,
    contentType: typeof codec.contentType === 'string' ? codec.contentType : 'application/octet-stream',
    measure: (data) => codec.measure(data),
    encode: (data, views, offset) => codec.encode(data, views, offset),
    decode: (views, offset, bytes) => codec.decode(views, offset, bytes),
    view: (views, offset, bytes) => codec.view(views, offset, bytes),
    rebase: (view, views, offset) => codec.rebase(view, views, offset),
    release: (view) => codec.release(view),
  });
}

function refused(what: string, allowed: string): RingmainError {
  return new RingmainError('RINGMAIN_OPTION_INVALID', what, { allowed });
}
