/**
 * Settles the account of a runtime that has closed: the conservation law of every group, to the event, and what the publisher was told.
 * Thread: any. Works on figures alone, so it needs no runtime.
 */
import type { GroupCounts } from './conservation.ts';
import { checkConservation } from './conservation.ts';
import type { OutcomeLedger, PublisherFigures } from './outcome-ledger.ts';

/** What `close` reports; `CloseReport` of ringmain is one. */
export interface CloseFigures {
  readonly drained: boolean;
  readonly abandoned: number;
  readonly unpublished: number;
  readonly metrics: {
    readonly published: number;
    readonly rejected: number;
    readonly staged: number;
    readonly groups: readonly (GroupCounts & { readonly where: 'shard' | 'main' })[];
    readonly publishers: readonly PublisherFigures[];
    readonly lanes: readonly { readonly producer: string; readonly consumer: string; readonly depthBytes: number }[];
    readonly conservation: {
      readonly holds: boolean;
      readonly published: number;
      readonly accounted: number;
      readonly inFlight: number;
    };
  };
}

/** What is known of a runtime beside its own figures. */
export interface Witness {
  /** What the publisher of the main thread was told. */
  readonly ledger: OutcomeLedger;
  /** Calls of the handlers of the main thread, by group. */
  readonly calls: ReadonlyMap<string, number>;
  /** Calls of `send` that have not settled. */
  readonly unsettledSends: number;
}

/** How strict the account is. */
export interface AccountOptions {
  /** Why deliveries may be left over: the runtime is closed, or has failed, before everything settled. */
  readonly abandons?: string;
}

/**
 * Throws with everything that does not add up.
 *
 * @param report - what `close` resolved with
 */
export function assertAccount(report: CloseFigures, witness: Witness, options: AccountOptions = {}): void {
  const problems = [
    ...checkConservation(report.metrics.groups).imbalances.map(({ message }) => message),
    ...sums(report),
    ...(options.abandons === undefined ? leftOver(report, witness) : []),
    ...told(report, witness),
  ];
  if (problems.length > 0) throw new Error(`the account of the runtime does not add up:\n${problems.join('\n')}`);
}

/** Every total is the sum of its parts. */
function sums({ metrics, abandoned }: CloseFigures): string[] {
  const { groups, publishers, conservation } = metrics;
  const ofGroups = (of: (group: GroupCounts) => number): number => groups.reduce((total, group) => total + of(group), 0);
  const ofPublishers = (of: (publisher: PublisherFigures) => number): number =>
    publishers.reduce((total, publisher) => total + of(publisher), 0);
  const published = ofGroups((group) => group.published);
  const inFlight = ofGroups((group) => group.inFlight);
  const expected: readonly (readonly [string, unknown, unknown])[] = [
    ['conservation.holds', conservation.holds, true],
    ['conservation.published', conservation.published, published],
    ['conservation.accounted', conservation.accounted, published - inFlight],
    ['conservation.inFlight', conservation.inFlight, inFlight],
    ['abandoned', abandoned, inFlight],
    ['published', metrics.published, ofPublishers((publisher) => publisher.published)],
    ['rejected', metrics.rejected, ofPublishers((publisher) => publisher.rejected)],
    ['staged', metrics.staged, ofPublishers((publisher) => publisher.staged)],
  ];
  return expected
    .filter(([, is, shall]) => is !== shall)
    .map(([name, is, shall]) => `${name} is ${String(is)}, not ${String(shall)}`);
}

/** Nothing is anywhere any more. */
function leftOver({ drained, abandoned, metrics }: CloseFigures, { calls, unsettledSends }: Witness): string[] {
  const problems: string[] = [];
  if (!drained) problems.push(`not drained, ${abandoned} deliveries abandoned`);
  if (metrics.staged !== 0) problems.push(`${metrics.staged} events in stages`);
  if (unsettledSends !== 0) problems.push(`${unsettledSends} sends have not settled`);
  for (const { name, inFlight, where, delivered, deadLettered } of metrics.groups) {
    if (inFlight !== 0) problems.push(`group ${name}: ${inFlight} in flight`);
    const called = where === 'main' ? calls.get(name) : undefined;
    if (called !== undefined && called !== delivered + deadLettered)
      problems.push(`group ${name}: ${called} calls but delivered=${delivered} + deadLettered=${deadLettered}`);
  }
  for (const { producer, consumer, depthBytes } of metrics.lanes) {
    if (depthBytes !== 0) problems.push(`${depthBytes} bytes in a lane from ${producer} to ${consumer}`);
  }
  return problems;
}

/** What the main thread was told is what was counted for it. */
function told({ metrics, unpublished }: CloseFigures, { ledger }: Witness): string[] {
  const main = metrics.publishers.find(({ name }) => name === 'main');
  return main === undefined ? ['no figures of the main thread as a publisher'] : ledger.differences(main, unpublished);
}
