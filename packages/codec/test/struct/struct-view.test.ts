/** Lazy views: reading, release, rebase, and what they show of themselves. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileStruct } from '@ringmain/codec';
import { codeOf, memory, write } from '../memory.ts';

const codec = compileStruct(
  z.object({
    id: z.int(),
    name: z.string(),
    at: z.object({ x: z.number(), deep: z.object({ tags: z.array(z.string()) }) }),
    rows: z.array(z.object({ n: z.int32() })),
    maybe: z.object({ y: z.number() }).nullish(),
    list: z.array(z.number()).optional(),
  }),
);
const payload = { id: 7, name: 'ada', at: { x: 1.5, deep: { tags: ['a', 'b'] } }, rows: [{ n: 1 }, { n: 2 }] };

function viewOf(): {
  view: typeof payload & { maybe?: { y: number } | null | undefined; list?: number[] | undefined };
  written: ReturnType<typeof write>;
} {
  const written = write(codec, payload);
  return { view: codec.view(written.views, written.offset, written.bytes), written };
}

describe('view() of a struct', () => {
  it('reads fields, nested objects and arrays', () => {
    const { view } = viewOf();
    expect([view.id, view.name, view.at.x, view.at.deep.tags, view.rows[1]?.n, view.maybe, view.list]).toEqual([
      7,
      'ada',
      1.5,
      ['a', 'b'],
      2,
      undefined,
      undefined,
    ]);
  });

  it('decodes arrays and nested views once, and freezes arrays', () => {
    const { view } = viewOf();
    expect(view.rows).toBe(view.rows);
    expect(view.at).toBe(view.at);
    expect(view.at.deep.tags).toBe(view.at.deep.tags);
    expect(Object.isFrozen(view.rows)).toBe(true);
  });

  it('gives a fresh view per call', () => {
    const { view, written } = viewOf();
    const other = codec.view(written.views, written.offset, written.bytes);
    expect(other).not.toBe(view);
    codec.release(view);
    expect(other.id).toBe(7);
  });

  it('shows plain objects to JSON and inspect, and no keys of its own', () => {
    const { view } = viewOf();
    expect(JSON.parse(JSON.stringify(view))).toEqual(payload);
    expect(JSON.stringify(view.at)).toBe('{"x":1.5,"deep":{"tags":["a","b"]}}');
    expect(inspect(view)).toContain("name: 'ada'");
    expect([Object.keys(view), Object.keys({ ...view })]).toEqual([[], []]);
  });

  it('cannot be written through', () => {
    const { view } = viewOf();
    expect(() => {
      view.id = 8;
    }).toThrow(TypeError);
    expect(view.id).toBe(7);
  });
});

describe('release() of a struct', () => {
  it('detaches the view and everything reached through it, what was read before included', () => {
    const { view } = viewOf();
    const { at, rows } = view;
    const { deep } = at;
    expect([rows.length, deep.tags.length]).toEqual([2, 2]);
    codec.release(view);
    const reads = [
      () => view.id,
      () => view.name,
      () => view.at,
      () => view.rows,
      () => view.maybe,
      () => view.list,
      () => at.x,
      () => at.deep,
      () => deep.tags,
      () => JSON.stringify(view),
      () => JSON.stringify(deep),
    ];
    for (const read of reads) expect([String(read), codeOf(read)]).toEqual([String(read), 'RINGMAIN_EVENT_RELEASED']);
    expect(inspect(view)).toBe('[RINGMAIN_EVENT_RELEASED]');
    // Arrays are plain copies, so one taken out of the view stays what it was.
    expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

describe('rebase() of a struct', () => {
  it('moves the view and its nested views to other memory', () => {
    const { view, written } = viewOf();
    const { at } = view;
    const bay = memory(written.bytes + 64);
    bay.u8.set(written.views.u8.subarray(written.offset, written.offset + written.bytes), 32);
    codec.rebase(view, bay, 32);
    written.views.u8.fill(0);
    expect([view.id, view.name, at.x, at.deep.tags]).toEqual([7, 'ada', 1.5, ['a', 'b']]);
  });
});

describe('decode() of a struct', () => {
  it.each([
    [64, 0],
    [64, 8],
    [60, 64],
    [-64, 64],
    [64, 1e9],
    [64, Number.NaN],
  ])('answers offset %d with %d bytes as corrupt', (offset, bytes) => {
    const { written } = viewOf();
    expect(codeOf(() => codec.decode(written.views, offset, bytes))).toBe('RINGMAIN_RECORD_CORRUPT');
    expect(codeOf(() => codec.view(written.views, offset, bytes))).toBe('RINGMAIN_RECORD_CORRUPT');
  });

  it('does not multiply work when forged arrays point at the same bytes', () => {
    const lists = compileStruct(z.object({ outer: z.array(z.array(z.array(z.int32()))) }));
    const { views, offset, bytes } = write(lists, { outer: Array.from({ length: 2000 }, () => []) });
    const start = views.i32[offset >> 2] ?? 0;
    // Every inner array claims all 2000 slots as its own elements.
    for (let index = 0; index < 2000; index++) {
      const slot = (offset + start + index * 8) >> 2;
      views.i32[slot] = start;
      views.i32[slot + 1] = 2000;
    }
    expect(codeOf(() => lists.decode(views, offset, bytes))).toBe('RINGMAIN_RECORD_CORRUPT');
  });

  it('answers an enum index beyond its values as corrupt', () => {
    const kinds = compileStruct(z.object({ kind: z.enum(['a', 'b', 'c']) }));
    const { views, offset, bytes } = write(kinds, { kind: 'c' });
    views.i32[offset >> 2] = 3;
    expect(codeOf(() => kinds.decode(views, offset, bytes))).toBe('RINGMAIN_RECORD_CORRUPT');
    expect(codeOf(() => kinds.view(views, offset, bytes).kind)).toBe('RINGMAIN_RECORD_CORRUPT');
  });
});
