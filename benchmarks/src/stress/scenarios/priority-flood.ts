/**
 * `priority-flood`: events of low priority as fast as the shard takes them, against 100 critical ones a second.
 * Baseline: critical events without the flood, and the flood without critical events.
 * Thread: main.
 */
import { constantLoad, type OutcomeCounts } from '@ringmain/cli/bench';
import { parseConfig, planCapacity } from 'ringmain';
import { nowUs } from '../../measure/clock.ts';
import { restlessPace, runPhase } from '../load-phase.ts';
import { spinIterationsFor } from '../measure-capacity.ts';
import { RuntimeTarget } from '../runtime-target.ts';
import type { Figures, StressContext, StressOutcome } from '../stress-result.ts';

const HANDLER_US = 20;
const CRITICAL_PER_SECOND = 100;
/** Time of a turn that the flood may take, so that critical events are not late. */
const FLOOD_US = 300;
const LOOK_EVERY = 16;
/** After a refusal the flood rests: the lane stays as good as full, and refusals by the million would only warm the processor. */
const REFUSED_REST_US = 100;
const KEYS = 64;
const Slot = { criticalAlone: 0, lowAlone: 1, critical: 2, low: 3 } as const;
const NOTHING = Object.freeze({ status: 'none', accepted: false });

const NOTES = [
  'baseline: critical events without the flood, and the flood without critical events',
  'low.pauseMax: longest time between two handlers of low; baseline: the documented bound for it',
];

/** Runs the scenario. */
export async function priorityFlood(context: StressContext): Promise<StressOutcome> {
  const target = await RuntimeTarget.start({ shards: 1, spinIterations: spinIterationsFor(HANDLER_US) });
  const schedule = constantLoad({ ratePerSecond: CRITICAL_PER_SECOND, seconds: context.seconds });
  const critical = (slot: number) => (index: number, dueUs: number) =>
    target.offer(slot, KEYS + (index % KEYS), dueUs, 'critical');
  const pace = restlessPace;

  const alone = {
    name: 'critical alone',
    schedule,
    pace,
    publish: critical(Slot.criticalAlone),
    sampled: { critical: Slot.criticalAlone },
  };
  await runPhase(target, alone, context);
  await target.settled();

  const flooded = {
    name: 'flood alone',
    schedule,
    pace,
    publish: () => NOTHING,
    sampled: { low: Slot.lowAlone },
    onTurn: flood(target, Slot.lowAlone),
  };
  const lowAlone = await runPhase(target, flooded, context);
  const lowAlonePerSecond = target.board.handled(Slot.lowAlone) / lowAlone.seconds;
  await target.settled();

  const both = {
    name: 'critical and flood',
    schedule,
    pace,
    publish: critical(Slot.critical),
    sampled: { critical: Slot.critical, low: Slot.low },
    onTurn: flood(target, Slot.low),
  };
  const end = await runPhase(target, both, context);
  const lowHandled = target.board.handled(Slot.low);
  const handled = lowHandled + target.board.handled(Slot.critical);
  await target.settled();

  const lowPerSecond = lowHandled / end.seconds;
  const figures: Figures = {
    ...criticalFigures(target, Slot.critical),
    'low.perSecond': Math.round(lowPerSecond),
    'low.share': Number((lowHandled / Math.max(1, handled)).toFixed(4)),
    'low.ofAlone': Number((lowPerSecond / Math.max(1, lowAlonePerSecond)).toFixed(4)),
    'low.waitMax': target.board.summary(Slot.low).max,
    'low.pauseMax': target.board.longestPauseUs(Slot.low),
    'critical.refused': refusedOf(target, Slot.critical),
    generatorLateP99: end.lateP99,
  };
  const baseline: Figures = {
    ...criticalFigures(target, Slot.criticalAlone),
    'low.perSecond': Math.round(lowAlonePerSecond),
    'low.waitMax': target.board.summary(Slot.lowAlone).max,
    'low.pauseMax': pauseBoundUs(),
  };
  return { figures, baseline, ...(await target.close()), notes: NOTES };
}

/** Longest wait of low between two services, by the formula of the documents. */
function pauseBoundUs(): number {
  const { lanes } = planCapacity(parseConfig({ shards: 1 }), { handlerUs: HANDLER_US });
  return Math.round(lanes.find(({ priority }) => priority === 'low')?.waitMaxUs ?? 0);
}

function refusedOf(target: RuntimeTarget, slot: number): number {
  const counts = target.slots[slot];
  return (counts?.total ?? 0) - (counts?.accepted ?? 0);
}

function criticalFigures(target: RuntimeTarget, slot: number): Figures {
  const { p50, p90, p99, max } = target.board.summary(slot);
  return { 'critical.p50': p50, 'critical.p90': p90, 'critical.p99': p99, 'critical.max': max };
}

/** Publishes until a lane is full or the turn has had its time. */
function flood(target: RuntimeTarget, slot: number): (turnUs: number, outcomes: OutcomeCounts) => void {
  let index = 0;
  let restUs = 0;
  return (turnUs, outcomes) => {
    if (turnUs < restUs) return;
    let dueUs = turnUs;
    while (dueUs < turnUs + FLOOD_US) {
      for (let count = 0; count < LOOK_EVERY; count++) {
        const outcome = target.offer(slot, index++ % KEYS, dueUs, 'low');
        outcomes.add(outcome);
        if (outcome.accepted) continue;
        restUs = turnUs + REFUSED_REST_US;
        return;
      }
      dueUs = nowUs();
    }
  };
}
