/**
 * Reckons what a configuration holds and how long it takes under a given load, without starting anything.
 * Thread: any; pure: the same arithmetic that sizes the memory, grants the credit and bounds the waits of a runtime.
 *
 * 1. Sizes of one event: its record in a lane, its units of credit, its block in the bay.
 * 2. Room: what the main thread may have outstanding with one shard that handles nothing meanwhile is the least of lane and credit.
 * 3. Time: load of the shards, how long a burst takes beside it, the bound on waiting of the lane schedule.
 * What it supposes: keys spread evenly over the shards; events of one size without attributes; every subscriber takes every event.
 */
import type { PriorityName } from '@ringmain/core';
import { LIMITS, PRIORITY_NAMES } from '@ringmain/core';
import { HEADER_BYTES } from '@ringmain/codec';
import { LaneSchedule } from '@ringmain/policy';
import { FRAME_BYTES, MAIN_THREAD, bodyBytesMaxOf, creditUnits, keptUnits, planMemory, unitsFor } from '@ringmain/ring';
import type { RuntimeConfig } from '../config/config-schema.ts';
import { creditPoolUnits, defaultShare } from '../deliver/credit-windows.ts';
import { scheduleOptions } from '../deliver/schedule-options.ts';
import { adviseOn } from './capacity-advice.ts';
import type { CapacityLoad, CapacityLoadInput } from './capacity-load.ts';
import { checkLoad } from './capacity-load.ts';
import type { CapacityEvent, CapacityLane, CapacityPlan } from './capacity-report.ts';
import { memoryOptions } from './memory-options.ts';

/**
 * Reckons the capacity of a configuration.
 *
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for a load that is none
 */
export function planCapacity(config: RuntimeConfig, input: CapacityLoadInput = {}): CapacityPlan {
  const load = checkLoad(input);
  const plan = planMemory(memoryOptions(config));
  const setting = { seed: { config, plan } };
  const consumers = Math.max(1, config.shards);
  const event = eventSizes(load.payloadBytes, Math.min(config.recordBytesMax, bodyBytesMaxOf(plan)));
  const shareUnits = defaultShare(setting, MAIN_THREAD, load.groups);
  const events = PRIORITY_NAMES.reduce((sum, name) => sum + load.ratePerSecond[name], 0);
  const utilisation = (events * load.handlerUs) / 1e6 / consumers;
  const [lanesBytes = 0, ...mesh] = plan.outboxBytes;
  const [meshBytes, bayBytes] = [mesh.reduce((sum, bytes) => sum + bytes, 0), plan.bayBytes * plan.threadCount];
  const base = {
    shards: config.shards,
    load,
    memory: {
      lanesBytes,
      meshBytes,
      bayBytes,
      controlBytes: plan.controlBytes,
      reservedBytes: lanesBytes + meshBytes + bayBytes + plan.controlBytes,
    },
    event,
    bay: {
      events: Math.min(Math.floor(config.bay.slots / load.groups), Math.floor(config.bay.bytes / event.bayBytes)),
      poolUnits: creditPoolUnits(setting),
      shareUnits,
    },
    lanes: PRIORITY_NAMES.map((priority) => laneOf(priority, config, load, event, shareUnits)),
    utilisation,
    burstDrainSeconds:
      load.burstEvents === 0
        ? 0
        : utilisation < 1
          ? (load.burstEvents * load.handlerUs) / 1e6 / consumers / (1 - utilisation)
          : null,
  };
  return { ...base, advice: adviseOn(base, config) };
}

function eventSizes(payloadBytes: number, recordBytesMax: number): CapacityEvent {
  const bodyBytes = HEADER_BYTES + payloadBytes;
  return {
    recordBytes: unitsFor(bodyBytes) * FRAME_BYTES,
    creditUnits: creditUnits(bodyBytes),
    bayBytes: 2 ** Math.ceil(Math.log2(Math.ceil(bodyBytes / LIMITS.bayChunkBytes))) * LIMITS.bayChunkBytes,
    payloadBytesMax: recordBytesMax - HEADER_BYTES,
  };
}

function laneOf(
  priority: PriorityName,
  config: RuntimeConfig,
  load: CapacityLoad,
  event: CapacityEvent,
  shareUnits: number,
): CapacityLane {
  const level = PRIORITY_NAMES.indexOf(priority);
  const { policy } = config.overflow[priority];
  const isTooLarge = load.payloadBytes > event.payloadBytesMax;
  const laneEvents = isTooLarge ? 0 : Math.floor(config.lanes[priority].capacityBytes / event.recordBytes);
  // The last event may exceed the credit that is left.
  const creditEvents = isTooLarge ? 0 : Math.ceil((shareUnits - keptUnits(shareUnits, level)) / event.creditUnits);
  const room = Math.min(laneEvents, creditEvents);
  const stageEvents = stages(policy) && !isTooLarge ? stagedEvents(config.stage, HEADER_BYTES + load.payloadBytes) : 0;
  const schedule = new LaneSchedule(scheduleOptions(config));
  return {
    priority,
    laneEvents,
    creditEvents,
    limit: laneEvents <= creditEvents ? 'lane' : 'credit',
    stageEvents,
    absorbedEvents: room * Math.max(1, config.shards) + stageEvents,
    absorbedOneKeyEvents: room + stageEvents,
    policy,
    waitMaxUs: level === 0 ? null : schedule.waitBoundUs(level, load.handlerUs),
    backlogWaitUs: (room * load.handlerUs) / shareOfTime(priority, config.scheduling),
  };
}

/** `sample` stages only one of several, so its first event without room may be left out. */
function stages(policy: CapacityLane['policy']): boolean {
  return policy === 'block' || policy === 'drop-new' || policy === 'drop-old' || policy === 'coalesce';
}

/** The last event may exceed the bytes. */
function stagedEvents({ events, bytes }: RuntimeConfig['stage'], bodyBytes: number): number {
  return Math.min(events, Math.ceil(bytes / bodyBytes));
}

/** Part of a thread's time that a priority has when every other one wants as much as it can get. */
function shareOfTime(priority: PriorityName, { weights, criticalShareMax }: RuntimeConfig['scheduling']): number {
  if (priority === 'critical') return criticalShareMax;
  return ((1 - criticalShareMax) * weights[priority]) / (weights.high + weights.normal + weights.low);
}
