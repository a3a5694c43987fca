/** `ringmain plan`: what a configuration holds and how long it takes under a given load; starts nothing. */
import type { PriorityName } from '@ringmain/core';
import { RingmainError, isRingmainError } from '@ringmain/core';
import type { CapacityLoadInput } from 'ringmain';
import { loadConfig, planCapacity } from 'ringmain';
import { ExitCode } from '../exit-codes.ts';
import type { ExitCodeValue } from '../exit-codes.ts';
import { formatPlan } from '../report/plan-tables.ts';
import { writeOut } from '../write-out.ts';
import type { CommandIo } from './command-io.ts';
import { variableNotes } from './validate-command.ts';

/** Options of `plan`. */
export interface PlanOptions {
  readonly rate?: string;
  readonly bytes?: string;
  readonly handlerUs?: string;
  readonly burst?: string;
  readonly groups?: string;
  readonly json?: boolean;
}

/**
 * Runs the command.
 *
 * @throws {@link RingmainError} `RINGMAIN_CONFIG_INVALID`, `RINGMAIN_OPTION_INVALID`
 */
export async function planCommand(path: string, options: PlanOptions, io: CommandIo): Promise<ExitCodeValue> {
  const loaded = loadConfig(path);
  const modules = loaded.config.subscribers.length;
  const plan = planWith(loaded.config, readLoad(options, modules));
  const notes = modules === 0 && options.groups === undefined ? [NO_GROUPS] : [];
  for (const note of [...variableNotes(loaded), ...notes]) await writeOut(io.stderr, `${note}\n`);
  await writeOut(io.stdout, options.json === true ? `${JSON.stringify(plan, undefined, 2)}\n` : formatPlan(plan));
  return ExitCode.ok;
}

const NO_GROUPS = 'note: subscribers names no module; reckoned with one subscriber. --groups says how many take every event';

/** Options by what they are called in a load. */
const OPTIONS: Readonly<Record<string, string>> = {
  payloadBytes: '--bytes',
  handlerUs: '--handler-us',
  burstEvents: '--burst',
  groups: '--groups',
};

/** What is wrong with a load is told by the option that says it. */
function planWith(config: Parameters<typeof planCapacity>[0], load: CapacityLoadInput): ReturnType<typeof planCapacity> {
  try {
    return planCapacity(config, load);
  } catch (cause) {
    const { name, value, allowed } = isRingmainError(cause, 'RINGMAIN_OPTION_INVALID') ? cause.details : {};
    const option = OPTIONS[String(name)];
    if (option === undefined) throw cause;
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `${option} is ${String(value)}`, { allowed: String(allowed), cause });
  }
}

/** @param modules - number of subscriber modules; each has one subscriber at least */
function readLoad(options: PlanOptions, modules: number): CapacityLoadInput {
  return {
    ...(options.rate !== undefined && { ratePerSecond: readRates(options.rate) }),
    ...(options.bytes !== undefined && { payloadBytes: numberOf('--bytes', options.bytes) }),
    ...(options.handlerUs !== undefined && { handlerUs: numberOf('--handler-us', options.handlerUs) }),
    ...(options.burst !== undefined && { burstEvents: numberOf('--burst', options.burst) }),
    groups: options.groups === undefined ? Math.max(1, modules) : numberOf('--groups', options.groups),
  };
}

/** `1000`, or `high=100,low=5000`. */
function readRates(text: string): number | Partial<Record<PriorityName, number>> {
  if (!text.includes('=')) return numberOf('--rate', text);
  const rates = new Map<string, number>();
  for (const part of text.split(',')) {
    const [name = '', rate = ''] = part.split('=').map((word) => word.trim());
    if (rates.has(name))
      throw new RingmainError('RINGMAIN_OPTION_INVALID', `--rate names ${name} twice`, { allowed: 'each priority once' });
    rates.set(name, numberOf('--rate', rate));
  }
  // Names are checked with the load.
  return Object.fromEntries(rates) as Partial<Record<PriorityName, number>>;
}

function numberOf(option: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new RingmainError('RINGMAIN_OPTION_INVALID', `${option} is ${text.trim() === '' ? 'empty' : text}`, {
    allowed: 'a number',
  });
}
