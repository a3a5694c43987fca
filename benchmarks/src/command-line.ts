/**
 * Reads the command line of the benchmarks.
 * Thread: main.
 */
import { parseArgs } from 'node:util';
import type { BreakerOptions } from './breaker/breaker-command.ts';
import type { FailuresOptions } from './failures/failures-command.ts';
import type { ChaosOptions } from './chaos/chaos-command.ts';
import type { PeersOptions } from './peers/peers-command.ts';
import type { SoakOptions } from './soak/soak-command.ts';
import { contenderEntries } from './peers/contender-registry.ts';
import { type StressOptions, stressScenarioNames } from './stress/stress-options.ts';
import { scenarioNames } from './workload/scenarios.ts';

export const usage = `Usage:
  npm run bench -- peers [--scenario a,b] [--contenders x,y] [--rounds N] [--seconds S] [--slice-ms MS] [--json FILE]
  npm run bench -- micro [--rounds N] [--json FILE]
  npm run bench -- recovery [--faults N] [--json FILE]
  npm run bench -- failures [--failures N] [--json FILE]
  npm run bench -- breaker [--rounds N] [--slice-ms MS] [--trials N] [--shards N] [--json FILE]
  npm run bench -- stress [--scenario a,b] [--seconds S] [--json FILE] [--html FILE]
  npm run soak -- [--seconds S] [--seed N] [--json FILE]
  npm run chaos -- [--faults N] [--seed N] [--load N] [--json FILE]

scenarios:  ${scenarioNames.join(', ')}
contenders: ${contenderEntries.map((entry) => entry.name).join(', ')}

stress:     ${stressScenarioNames.join(', ')}

--rounds    slices per contender, at least 1 (default 30)
--seconds   length of the flood and idle measurements (default 20), of each stress measurement (default 10), of the soak (default 60)
--slice-ms  length of a slice (default 200; of breaker, 500)
--faults    deaths of shards: per row of recovery (default 100), of chaos (default 200)
--load      mean number of events between two faults of chaos (default 10000)
--failures  failures of each of two parts (default 1000000)
--trials    tries of a half-open circuit breaker (default 1000), a tenth as many times that one opens
--shards    shards of these tries (default 8)`;

/** What to run. */
export type Command =
  | { readonly suite: 'peers'; readonly options: PeersOptions }
  | { readonly suite: 'micro'; readonly rounds: number; readonly json: string | undefined }
  | { readonly suite: 'recovery'; readonly faults: number; readonly json: string | undefined }
  | { readonly suite: 'failures'; readonly options: FailuresOptions }
  | { readonly suite: 'breaker'; readonly options: BreakerOptions }
  | { readonly suite: 'stress'; readonly options: StressOptions }
  | { readonly suite: 'soak'; readonly options: SoakOptions }
  | { readonly suite: 'chaos'; readonly options: ChaosOptions };

/** A mistake of the user; its message is all he needs. */
export class UsageError extends Error {}

/** Parses the arguments after the program's name. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const rounds = wholeNumber('--rounds', values.rounds, 30);
  switch (positionals[0]) {
    case 'peers':
      return { suite: 'peers', options: peersOptions(values, rounds) };
    case 'micro':
      return { suite: 'micro', rounds, json: values.json };
    case 'recovery':
      return { suite: 'recovery', faults: wholeNumber('--faults', values.faults, 100), json: values.json };
    case 'failures':
      return {
        suite: 'failures',
        options: { failures: wholeNumber('--failures', values.failures, 1_000_000), json: values.json },
      };
    case 'breaker':
      return { suite: 'breaker', options: breakerOptions(values, rounds) };
    case 'stress':
      return {
        suite: 'stress',
        options: {
          scenarios: names('--scenario', values.scenario, stressScenarioNames),
          seconds: wholeNumber('--seconds', values.seconds, 10),
          json: values.json,
          html: values.html,
        },
      };
    case 'soak':
      return {
        suite: 'soak',
        options: {
          seconds: wholeNumber('--seconds', values.seconds, 60),
          seed: wholeNumber('--seed', values.seed, 20261121),
          json: values.json,
        },
      };
    case 'chaos':
      return {
        suite: 'chaos',
        options: {
          faults: wholeNumber('--faults', values.faults, 200),
          seed: wholeNumber('--seed', values.seed, 20261121),
          load: wholeNumber('--load', values.load, 10_000),
          json: values.json,
        },
      };
    default:
      throw new UsageError(positionals[0] === undefined ? 'name a suite' : `unknown suite ${positionals[0]}`);
  }
}

function peersOptions(values: ReturnType<typeof parse>['values'], rounds: number): PeersOptions {
  return {
    scenarios: names('--scenario', values.scenario, scenarioNames),
    contenders: names(
      '--contenders',
      values.contenders,
      contenderEntries.map((entry) => entry.name),
    ),
    rounds,
    seconds: wholeNumber('--seconds', values.seconds, 20),
    sliceMs: wholeNumber('--slice-ms', values['slice-ms'], 200),
    json: values.json,
  };
}

function breakerOptions(values: ReturnType<typeof parse>['values'], rounds: number): BreakerOptions {
  return {
    rounds,
    sliceMs: wholeNumber('--slice-ms', values['slice-ms'], 500),
    trials: wholeNumber('--trials', values.trials, 1000),
    shards: wholeNumber('--shards', values.shards, 8),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scenario: text,
        contenders: text,
        rounds: text,
        seconds: text,
        'slice-ms': text,
        faults: text,
        failures: text,
        trials: text,
        shards: text,
        seed: text,
        load: text,
        json: text,
        html: text,
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function names<Name extends string>(flag: string, given: string | undefined, known: readonly Name[]): readonly Name[] {
  if (given === undefined) return known;
  return given.split(',').map((text) => {
    const name = known.find((candidate) => candidate === text.trim());
    if (name === undefined) throw new UsageError(`${flag}: unknown name ${text}; known are ${known.join(', ')}`);
    return name;
  });
}

function wholeNumber(flag: string, given: string | undefined, fallback: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${flag}: ${given} is not a whole number from 1`);
  return value;
}
