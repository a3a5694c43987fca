/**
 * What is wrong with a capacity plan, and what to do about it.
 * Thread: any; pure.
 */
import { LIMITS, PRIORITY_NAMES } from '@ringmain/core';
import type { RuntimeConfig } from '../config/config-schema.ts';
import { BATCH_EVENTS } from '../publish/batcher.ts';
import { BATCH_LANE_DIVISOR } from '../publish/batchers.ts';
import type { CapacityAdvice, CapacityLane, CapacityPlan } from './capacity-report.ts';

/** Load at which queues begin to grow long; shards are advised for this one. */
const UTILISATION_GOOD = 0.6;
const UTILISATION_HIGH = 0.8;
/** Part of the load that critical events should be at most. */
const CRITICAL_PART = 1 / 10;

type Reckoned = Omit<CapacityPlan, 'advice'>;
type Rule = (plan: Reckoned, config: RuntimeConfig) => CapacityAdvice[];

const RULES: readonly Rule[] = [payloadRule, shardsRule, criticalRule, rateRule, burstRule, bayRule, batchRule];

/** Applies every rule. */
export function adviseOn(plan: Reckoned, config: RuntimeConfig): readonly CapacityAdvice[] {
  return RULES.flatMap((rule) => rule(plan, config));
}

function payloadRule({ load, event }: Reckoned): CapacityAdvice[] {
  if (load.payloadBytes <= event.payloadBytesMax) return [];
  return [
    {
      path: 'recordBytesMax',
      problem: `a payload of ${load.payloadBytes} bytes is refused; the largest that fits has ${event.payloadBytesMax}`,
      advice:
        'raise recordBytesMax, and with it lanes.*.capacityBytes, mesh.capacityBytes and bay.bytes; or publish a reference to the data',
    },
  ];
}

function shardsRule({ utilisation, load, shards }: Reckoned): CapacityAdvice[] {
  if (utilisation <= UTILISATION_HIGH) return [];
  const events = eventsOf(load.ratePerSecond);
  const enough = Math.ceil((events * load.handlerUs) / 1e6 / UTILISATION_GOOD);
  const what = `${round(events)} events a second of ${load.handlerUs} us take ${percent(utilisation)} of ${shards === 0 ? 'the main thread' : `${shards} ${shards === 1 ? 'shard' : 'shards'}`}`;
  const possible = enough <= LIMITS.shardsMax;
  return [
    {
      path: 'shards',
      problem: utilisation >= 1 ? `${what}: queues grow until events are refused` : `${what}: queues grow long in every burst`,
      advice: possible
        ? `set shards to ${enough}, which is ${percent(UTILISATION_GOOD)}, on a machine with as many cores; or make handlers cheaper`
        : `even ${LIMITS.shardsMax} shards are too few: make handlers cheaper, or publish less`,
    },
  ];
}

function criticalRule({ load }: Reckoned): CapacityAdvice[] {
  const { critical } = load.ratePerSecond;
  const events = eventsOf(load.ratePerSecond);
  if (critical <= events * CRITICAL_PART || critical === events) return [];
  return [
    {
      path: 'scheduling.criticalShareMax',
      problem: `${percent(critical / events)} of the events are critical`,
      advice: `keep critical below ${percent(CRITICAL_PART)} of the load; what is urgent for someone who waits is high`,
    },
  ];
}

function rateRule({ load }: Reckoned, { publishRate: { perSecond, burst, onLimit } }: RuntimeConfig): CapacityAdvice[] {
  if (perSecond === undefined) return [];
  const events = eventsOf(load.ratePerSecond);
  const found: CapacityAdvice[] = [];
  if (events > perSecond) {
    const problem = `${round(events)} events a second are more than one publishing thread may publish, which is ${perSecond}`;
    found.push({
      path: 'publishRate.perSecond',
      problem,
      advice: `raise it, or count on rejected events${onLimit === 'queue' ? ' once the stage is full' : ''}`,
    });
  }
  if (load.burstEvents > burst) {
    const problem = `a burst of ${load.burstEvents} events is more than may be published at once, which is ${burst}`;
    found.push({ path: 'publishRate.burst', problem, advice: `set it to ${load.burstEvents}` });
  }
  return found;
}

function burstRule(plan: Reckoned, config: RuntimeConfig): CapacityAdvice[] {
  const { burstEvents, payloadBytes } = plan.load;
  if (burstEvents === 0 || payloadBytes > plan.event.payloadBytesMax) return [];
  return usedLanes(plan)
    .filter(({ absorbedEvents }) => burstEvents > absorbedEvents)
    .map((lane) => ({
      path: lane.limit === 'lane' ? `lanes.${lane.priority}.capacityBytes` : 'shards',
      problem: `of a burst of ${burstEvents} ${lane.priority} events ${lane.absorbedEvents} find room; then ${consequence(lane)}`,
      advice: burstAdvice(plan, lane, config),
    }));
}

function burstAdvice({ event, load, shards }: Reckoned, lane: CapacityLane, { overflow }: RuntimeConfig): string {
  const perShard = Math.ceil(load.burstEvents / Math.max(1, shards));
  const wait = overflow[lane.priority].policy === 'reject' ? ', wait with send() or ready(), or stage with the policy block' : '';
  if (lane.limit === 'credit' || perShard > lane.creditEvents)
    return `credit ends at ${lane.creditEvents} events of each shard: use more shards or fewer subscribers, raise bay.slots and bay.bytes if they are below their maximum${wait}`;
  const bytes = 2 ** Math.ceil(Math.log2(perShard * event.recordBytes));
  if (bytes > LIMITS.laneBytesMax) return `no lane is that large: use more shards${wait}`;
  return `set it to ${bytes}${wait}`;
}

function consequence({ policy }: CapacityLane): string {
  switch (policy) {
    case 'drop-new':
      return 'new events are dropped';
    case 'drop-old':
      return 'the oldest staged events are dropped';
    case 'coalesce':
      return 'events replace staged ones of their key, or the oldest';
    case 'sample':
      return 'most events are left out';
    default:
      return 'events are rejected';
  }
}

function bayRule({ bay, load, shards }: Reckoned): CapacityAdvice[] {
  const perShard = Math.ceil(load.burstEvents / Math.max(1, shards));
  if (perShard <= bay.events) return [];
  return [
    {
      path: 'bay.slots',
      problem: `if handlers are asynchronous, the bay of a shard holds ${bay.events} of the ${perShard} events of a burst; the others wait in their lanes`,
      advice: 'raise bay.slots and bay.bytes, use more shards, or have fewer groups take each event',
    },
  ];
}

/** A batcher does not know which lane its events go to, so the smallest one bounds every batch. */
function batchRule({ event }: Reckoned, { lanes }: RuntimeConfig): CapacityAdvice[] {
  const wanted = BATCH_EVENTS * event.recordBytes;
  const smallest = PRIORITY_NAMES.reduce((one, other) => (lanes[other].capacityBytes < lanes[one].capacityBytes ? other : one));
  if (wanted <= lanes[smallest].capacityBytes / BATCH_LANE_DIVISOR) return [];
  return [
    {
      path: `lanes.${smallest}.capacityBytes`,
      problem: `a batch of ${BATCH_EVENTS} events takes ${wanted} bytes, more than a quarter of the smallest lane; batchers publish smaller ones`,
      advice: `if you gather events with a batcher, set it to ${2 ** Math.ceil(Math.log2(wanted * BATCH_LANE_DIVISOR))}`,
    },
  ];
}

/** Lanes that the load uses; of a load without a rate the normal one. */
function usedLanes({ lanes, load }: Reckoned): readonly CapacityLane[] {
  const isIdle = eventsOf(load.ratePerSecond) === 0;
  return lanes.filter(({ priority }) => (isIdle ? priority === 'normal' : load.ratePerSecond[priority] > 0));
}

function eventsOf(rates: Reckoned['load']['ratePerSecond']): number {
  return rates.critical + rates.high + rates.normal + rates.low;
}

function percent(part: number): string {
  return `${round(part * 100)} %`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
