/**
 * The handler side that all contenders share: their worker files only move items here, so every contender does the same work.
 * Thread: the consuming thread; module state, one instance per thread.
 *
 * Every handler reads two fields and adds them to a checksum. At the end of a slice the publisher asks for the totals through
 * the contender itself and compares count and sum with what it published.
 */
import { nowUs } from '../measure/clock.ts';
import { type LatencyBuckets, LatencySamples } from '../measure/latency-samples.ts';
import { MIXED_GROUPS, MIXED_TYPES, type ReadFields } from './bench-events.ts';
import type { WorkKind } from './scenarios.ts';
import { measureSpinUs, spin } from './spin-work.ts';

/** What the publishing side asks the consuming thread to do between slices. */
export interface ControlRequest {
  readonly op: 'reset' | 'report' | 'calibrate';
  readonly work: WorkKind;
  readonly spinIterations: number;
}

export interface Totals {
  count: number;
  sum: number;
}

/** The answer to a {@link ControlRequest}. */
export interface ControlReport {
  /** One entry per group. */
  readonly totals: readonly Totals[];
  readonly latency: LatencyBuckets;
  /** Measured cost of the spinning handler in microseconds; 0 unless calibration was asked for. */
  readonly spinUs: number;
}

/** An item of the `mixed` scenario as peers post it: they have no topics, so the type travels with the data. */
export interface TypedItem {
  readonly type: string;
  readonly data: ReadFields;
}

type Handler = (data: ReadFields) => void;

let spinIterations = 0;
let work: WorkKind = 'light';
let totals: Totals[] = [{ count: 0, sum: 0 }];
const latency = new LatencySamples();

const handlers: Record<Exclude<WorkKind, 'mixed'>, Handler> = {
  light(data) {
    add(0, data);
  },
  spin(data) {
    spin(spinIterations);
    add(0, data);
  },
  latency(data) {
    latency.record(nowUs() - data.at);
    add(0, data);
  },
};
let active: Handler = handlers.light;

/** The three groups of `mixed`, one function each as a user would have. */
const groupHandlers: readonly Handler[] = [(data) => add(0, data), (data) => add(1, data), (data) => add(2, data)];
const handlersByType = new Map<string, readonly Handler[]>(
  Array.from({ length: MIXED_TYPES }, (_, type) => [mixedType(type), shapedType(type)])
    .flat()
    .map((type) => [type, groupHandlers]),
);

/** Name of the n-th event type of `mixed`. */
export function mixedType(index: number): string {
  return `mixed.t${String(index).padStart(2, '0')}`;
}

/** Name of the n-th event type of `mixed-shapes`. */
export function shapedType(index: number): string {
  return mixedType(index).replace('mixed', 'shaped');
}

/** Handles one event of a scenario with a single group. */
export function handle(data: ReadFields): void {
  active(data);
}

/** Handles one event of `mixed` for one group, where the transport itself fans out. */
export function handleInGroup(group: number, data: ReadFields): void {
  add(group, data);
}

/** Handles one item as peers receive it; for `mixed` that is the fan-out by a Map that they lack. */
export function handleItem(item: unknown): void {
  if (work !== 'mixed') {
    active(item as ReadFields);
    return;
  }
  const typed = item as TypedItem;
  const interested = handlersByType.get(typed.type);
  if (interested === undefined) return;
  for (const handler of interested) handler(typed.data);
}

/** Carries out a request of the publishing side. */
export function control(request: ControlRequest): ControlReport {
  if (request.op === 'reset') {
    work = request.work;
    spinIterations = request.spinIterations;
    totals = Array.from({ length: work === 'mixed' ? MIXED_GROUPS : 1 }, () => ({ count: 0, sum: 0 }));
    latency.clear();
    if (work !== 'mixed') active = handlers[work];
  }
  const spinUs = request.op === 'calibrate' ? measureSpinUs(request.spinIterations) : 0;
  return { totals, latency: latency.buckets(), spinUs };
}

function add(group: number, data: ReadFields): void {
  const total = totals[group];
  if (total === undefined) return;
  total.count++;
  total.sum += data.id + data.quantity;
}
