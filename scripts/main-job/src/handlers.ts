/**
 * The five groups of the job. The runtime loads this module in every shard.
 * Thread: shards.
 *
 * `parse`, `hash` and `count` each look at a file and publish what they found; `aggregate` adds that up per package; `telemetry` keeps
 * histograms of what parsing took. State lives in the memory of its shard: should a shard die, its packages stay incomplete, and the job fails.
 */
import type { SendOutcome, HandlerContext } from 'ringmain';
import { subscriber } from 'ringmain';
import type { Events } from './events.ts';
import { events } from './events.ts';
import { countSource, hashSource } from './analysis/examine-source.ts';
import { PackageTotals } from './analysis/package-totals.ts';
import { ParseTimes } from './analysis/parse-times.ts';
import { kindOf, parseSource } from './analysis/parse-source.ts';
import { readSource } from './analysis/read-source.ts';
import { warmUp } from './analysis/warm-up.ts';

/**
 * Publishes; if the lane is full, waits for room. A handler that returns the promise is not done before the event is accepted, so nothing
 * it found is lost; without one, the delivery ends at once.
 */
function emit<Name extends keyof Events & string>(
  ctx: HandlerContext,
  name: Name,
  data: Events[Name],
): Promise<SendOutcome> | undefined {
  return ctx.publish(name, data).accepted ? undefined : ctx.send(name, data);
}

const parse = subscriber({
  events,
  pattern: 'file.found',
  group: 'parse',
  setup: warmUp,
  handle({ data: { path, package: name, bytes } }, ctx) {
    const kind = kindOf(path);
    const source = readSource(path);
    const startMs = performance.now();
    const facts = parseSource(source, kind);
    const parseUs = (performance.now() - startMs) * 1000;
    const found = emit(ctx, 'file.parsed', { package: name, ...facts });
    const timed = emit(ctx, 'file.telemetry', { kind, bytes, parseUs });
    return found === undefined ? timed : Promise.all([found, timed]);
  },
});

const hash = subscriber({
  events,
  pattern: 'file.found',
  group: 'hash',
  handle: ({ data }, ctx) => emit(ctx, 'file.hashed', { package: data.package, ...hashSource(readSource(data.path)) }),
});

const count = subscriber({
  events,
  pattern: 'file.found',
  group: 'count',
  handle: ({ data }, ctx) => emit(ctx, 'file.counted', { package: data.package, ...countSource(readSource(data.path)) }),
});

const aggregate = subscriber({
  events,
  pattern: ['package.found', 'file.parsed', 'file.hashed', 'file.counted'],
  group: 'aggregate',
  setup: () => new Map<string, PackageTotals>(),
  handle({ type, data }, ctx) {
    const totals = ctx.state.get(data.package) ?? new PackageTotals(data.package);
    ctx.state.set(data.package, totals);
    if (type === 'package.found') totals.expect(data.files);
    else if (type === 'file.parsed') totals.addParsed(data);
    else if (type === 'file.hashed') totals.addHashed(data);
    else totals.addCounted(data);
    const indexed = totals.whenComplete();
    return indexed && emit(ctx, 'package.indexed', indexed);
  },
});

const telemetry = subscriber({
  events,
  pattern: ['file.telemetry', 'telemetry.requested'],
  group: 'telemetry',
  setup: () => new ParseTimes(),
  handle({ type, data }, ctx) {
    if (type === 'telemetry.requested') return emit(ctx, 'telemetry.summarized', ctx.state.summarize(data.kind));
    ctx.state.record(data);
    return undefined;
  },
});

export default [parse, hash, count, aggregate, telemetry];
