/**
 * What a capacity plan says.
 * Thread: any; plain data.
 */
import type { PriorityName } from '@ringmain/core';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { CapacityLoad } from './capacity-load.ts';

/** Shared memory by part, in bytes of address space; a page is committed when it is first written. */
export interface CapacityMemory {
  /** Lanes from the main thread, those for answers included. */
  readonly lanesBytes: number;
  /** Lanes from all shards. */
  readonly meshBytes: number;
  readonly bayBytes: number;
  readonly controlBytes: number;
  readonly reservedBytes: number;
}

/** Sizes of one event. */
export interface CapacityEvent {
  /** Bytes in a lane. */
  readonly recordBytes: number;
  readonly creditUnits: number;
  /** Bytes of its block in the bay, shared by its groups. */
  readonly bayBytes: number;
  /** Largest payload that is accepted. */
  readonly payloadBytesMax: number;
}

/** What one bay holds. */
export interface CapacityBay {
  /** Events whose deliveries to all groups are open at a time. */
  readonly events: number;
  /** Units of credit that all producers share. */
  readonly poolUnits: number;
  /** Units of the main thread with each group, until somebody is refused. */
  readonly shareUnits: number;
}

/** What holds for one priority. */
export interface CapacityLane {
  readonly priority: PriorityName;
  /** Events that fit into an empty lane to one shard; up to one fewer where its end cannot be used. */
  readonly laneEvents: number;
  /** Events that the credit of the main thread with one shard allows. */
  readonly creditEvents: number;
  /** What ends first. */
  readonly limit: 'lane' | 'credit';
  /** Events that the stage takes then, of all shards together; 0 where the policy stages nothing. */
  readonly stageEvents: number;
  /** Events published at once by the main thread, with shards that handle nothing, before the first that is not accepted. */
  readonly absorbedEvents: number;
  /** The same if all of them have one key. */
  readonly absorbedOneKeyEvents: number;
  readonly policy: RuntimeConfig['overflow'][PriorityName]['policy'];
  /** Longest time between two services of a priority that waits; null for critical, which comes first while it has not used up its share. */
  readonly waitMaxUs: number | null;
  /** Wait of the last event of all that are absorbed into one shard while every other priority has as much to do as it can get. */
  readonly backlogWaitUs: number;
}

/** A capacity plan. */
export interface CapacityPlan {
  readonly shards: number;
  readonly load: CapacityLoad;
  readonly memory: CapacityMemory;
  readonly event: CapacityEvent;
  readonly bay: CapacityBay;
  readonly lanes: readonly CapacityLane[];
  /** Part of the time of each shard that the rate takes; 1 and more is never done. */
  readonly utilisation: number;
  /** Time to handle the burst beside the rate, in seconds; null when it is never done. */
  readonly burstDrainSeconds: number | null;
  readonly advice: readonly CapacityAdvice[];
}

/** One thing that is too small for the load. */
export interface CapacityAdvice {
  /** Key of the configuration that it is about. */
  readonly path: string;
  /** What will happen. */
  readonly problem: string;
  readonly advice: string;
}
