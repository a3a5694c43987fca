/** Codecs by name and id. */
import { describe, expect, it } from 'vitest';
import { CodecRegistry, CODEC_ID_MAX, CUSTOM_CODEC_ID_MIN, createBytesCodec } from '@ringmain/codec';
import type { PayloadCodec, RecordViews } from '@ringmain/codec';
import { codeOf, roundTrip } from './memory.ts';

/** A codec as a user would write it: a class that uses `this`. */
class ShoutCodec implements PayloadCodec<string> {
  readonly name: string;
  readonly id: number;
  readonly contentType = 'text/plain';
  readonly #mark = '!';
  constructor(name: string, id: number) {
    this.name = name;
    this.id = id;
  }
  measure(data: string): number {
    return data.length + this.#mark.length;
  }
  encode(data: string, views: RecordViews, offset: number): number {
    return views.u8.write(data + this.#mark, offset, 'latin1');
  }
  decode(views: RecordViews, offset: number, bytes: number): string {
    return views.u8.toString('latin1', offset, offset + bytes);
  }
  view(views: RecordViews, offset: number, bytes: number): string {
    return this.decode(views, offset, bytes);
  }
  rebase(): void {}
  release(): void {}
}

const custom = (name: string, id: number): PayloadCodec => new ShoutCodec(name, id);

describe('CodecRegistry', () => {
  it('knows json and bytes, and custom codecs by name and id', () => {
    const registry = new CodecRegistry([custom('shout', 16)]);
    expect(registry.names()).toEqual(['json', 'bytes', 'shout']);
    expect(registry.byId(2)?.name).toBe('json');
    expect(registry.byName('bytes')?.id).toBe(3);
    expect(registry.byId(16)).toBe(registry.byName('shout'));
    expect([registry.byId(1), registry.byId(99), registry.byName('struct')]).toEqual([undefined, undefined, undefined]);
  });

  it('calls a class instance with its own this', () => {
    const registry = new CodecRegistry([custom('shout', 16)]);
    expect(roundTrip(registry.byId(16) as PayloadCodec, 'hey')).toBe('hey!');
  });

  it.each([0, 3, 15, 256, 1.5, Number.NaN, -16, '16'])('refuses id %j', (id) => {
    expect(codeOf(() => new CodecRegistry([custom('x', id as number)]))).toBe('RINGMAIN_OPTION_INVALID');
  });

  it('refuses taken ids and names, reserved names and missing methods', () => {
    const registry = new CodecRegistry([custom('a', 16)]);
    for (const codec of [custom('b', 16), custom('a', 17), custom('json', 18), custom('struct', 19), custom('', 20)]) {
      expect(codeOf(() => registry.register(codec))).toBe('RINGMAIN_OPTION_INVALID');
    }
    const { release: _release, ...incomplete } = { ...createBytesCodec(), name: 'half', id: 21 };
    expect(codeOf(() => registry.register(incomplete as unknown as PayloadCodec))).toBe('RINGMAIN_OPTION_INVALID');
    expect(registry.names()).toEqual(['json', 'bytes', 'a']);
  });

  it('is full when every id is taken', () => {
    const registry = new CodecRegistry();
    for (let id = CUSTOM_CODEC_ID_MIN; id <= CODEC_ID_MAX; id++) registry.register(custom(`c${id}`, id));
    expect(registry.names()).toHaveLength(2 + 240);
    expect(codeOf(() => registry.register(custom('more', CODEC_ID_MAX + 1)))).toBe('RINGMAIN_OPTION_INVALID');
  });
});
