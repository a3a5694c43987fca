/**
 * A circuit breaker as the user of a runtime holds it.
 * Thread: main. It writes one word and rings; whoever decides obeys within some milliseconds.
 */
import { RingmainError } from '@ringmain/core';
import type { BreakerCommand, BreakerState } from '@ringmain/policy';
import { BREAKER_COMMANDS } from '@ringmain/policy';
import { BreakerBoardWord, Doorbell } from '@ringmain/ring';
import { refuseName } from './check-names.ts';
import type { BreakerMetrics } from './metrics/breakers.ts';
import { readBreaker } from './metrics/breakers.ts';
import type { RuntimeParts } from './runtime-parts.ts';
import type { ThreadContext } from './thread-context.ts';

/** The circuit breaker of one group. What is commanded holds until the next command, also if threads die. */
export interface BreakerHandle {
  readonly group: string;
  /** Where it stands; a command is obeyed within some milliseconds. */
  readonly state: BreakerState;
  readonly metrics: BreakerMetrics;
  /** Lets no handler be called, whatever happens. */
  isolate(): void;
  /** Lets every handler be called, whatever happens. */
  forceClosed(): void;
  /** Lets every handler be called, and says when it would have opened. */
  metricsOnly(): void;
  /** Leaves it to itself again: closed, with an empty window. */
  auto(): void;
}

/**
 * The breaker of a group of the subscriber modules.
 *
 * @throws {@link RingmainError} `RINGMAIN_OPTION_INVALID` for a group without one
 */
export function breakerHandle({ context, room }: RuntimeParts, group: string): BreakerHandle {
  const names = room.hosted.map(({ name }) => name);
  const number = names.indexOf(group);
  if (number < 0) refuseName(`group ${group}`, group, new Set(names));
  const metrics = (): BreakerMetrics => {
    const read = readBreaker(context, number);
    if (read !== undefined) return read;
    throw new RingmainError('RINGMAIN_OPTION_INVALID', `group ${group} has no circuit breaker`, {
      allowed: 'a group whose subscriber has `breaker`, or that `breakers` of the configuration names',
    });
  };
  metrics();
  const command = (wanted: BreakerCommand): void => write(context, number, wanted);
  return {
    group,
    get state() {
      return metrics().state;
    },
    get metrics() {
      return metrics();
    },
    isolate: () => command('isolated'),
    forceClosed: () => command('forced-closed'),
    metricsOnly: () => command('metrics-only'),
    auto: () => command('auto'),
  };
}

function write({ atomics, control, seed }: ThreadContext, number: number, command: BreakerCommand): void {
  const board = seed.plan.breakers >> 2;
  atomics.store(control, board + BreakerBoardWord.command + number, BREAKER_COMMANDS.indexOf(command));
  // Pairs with the look after arming in `BreakerControl`.
  new Doorbell(atomics, control, board + BreakerBoardWord.bell).ring();
}
