/** A capacity plan as tables for people. */
import type { CapacityPlan } from 'ringmain';
import { formatBytes, formatCount, formatSeconds, formatUs } from './format-values.ts';
import { textTable } from './text-table.ts';

/** Writes a plan; ends with a line feed. */
export function formatPlan(plan: CapacityPlan): string {
  const sections = [memory(plan), event(plan), lanes(plan), time(plan), advice(plan)];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function memory({ memory: { lanesBytes, meshBytes, bayBytes, controlBytes, reservedBytes }, shards }: CapacityPlan): string[] {
  return textTable([
    [`memory reserved, ${shards} shard${shards === 1 ? '' : 's'}`, formatBytes(reservedBytes)],
    ['  lanes of the main thread', formatBytes(lanesBytes)],
    ['  lanes of shards', formatBytes(meshBytes)],
    ['  bays', formatBytes(bayBytes)],
    ['  control', formatBytes(controlBytes)],
  ]);
}

function event({ event: { recordBytes, creditUnits, bayBytes, payloadBytesMax }, bay, load }: CapacityPlan): string[] {
  return textTable([
    ['an event', `${formatBytes(load.payloadBytes)} of at most ${formatBytes(payloadBytesMax)}`],
    ['  in a lane', formatBytes(recordBytes)],
    ['  credit', `${creditUnits} of ${formatCount(bay.shareUnits)} units`],
    ['  in the bay', formatBytes(bayBytes)],
    ['events that a bay holds', formatCount(bay.events)],
  ]);
}

function lanes({ lanes: rows, load }: CapacityPlan): string[] {
  const header = [
    'priority',
    'rate/s',
    'lane',
    'credit',
    'stage',
    'burst absorbed',
    'of one key',
    'policy',
    'longest wait',
    'wait behind all of it',
  ];
  return textTable([
    header,
    ...rows.map((lane) => [
      lane.priority,
      formatCount(load.ratePerSecond[lane.priority]),
      formatCount(lane.laneEvents),
      formatCount(lane.creditEvents),
      formatCount(lane.stageEvents),
      formatCount(lane.absorbedEvents),
      formatCount(lane.absorbedOneKeyEvents),
      lane.policy,
      lane.waitMaxUs === null ? 'first' : formatUs(lane.waitMaxUs),
      formatUs(lane.backlogWaitUs),
    ]),
  ]);
}

function time({ utilisation, burstDrainSeconds, load }: CapacityPlan): string[] {
  return textTable([
    ['utilisation of each shard', `${(utilisation * 100).toFixed(1)} %`],
    [
      `a burst of ${formatCount(load.burstEvents)} is handled in`,
      burstDrainSeconds === null ? 'never' : formatSeconds(burstDrainSeconds),
    ],
  ]);
}

function advice({ advice: found }: CapacityPlan): string[] {
  if (found.length === 0) return ['Nothing is too small for this load.'];
  return found.flatMap(({ path, problem, advice: what }) => [`warning: ${path}: ${problem}`, `  ${what}`]);
}
