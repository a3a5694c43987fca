/**
 * Shares the credit of one consumer among (producer, group) accounts; the plan is `SharePlan`, this reads and writes its words.
 * Thread: the coordinator.
 *
 * A group stands when what it returns is too little for what it has outstanding: it returned nothing although something was outstanding; or lanes of
 * its consumer stand, and at its present pace (Little's law) the outstanding events would wait for longer than the target. Handlers that wait for I/O
 * with the lanes empty do not stand, however long they take.
 */
import { PRIORITY_COUNT } from '@ringmain/core';
import type { AccountReading } from '@ringmain/policy';
import { SharePlan, SojournControl } from '@ringmain/policy';
import { CreditWord, creditIndex, keptUnits } from '@ringmain/ring';
import { creditPoolUnits, defaultShare } from '../deliver/credit-windows.ts';
import type { RuntimeConfig } from '../config/config-schema.ts';
import type { ThreadContext } from '../thread-context.ts';
import type { ControlWords } from './control-words.ts';
import { sojournOptions } from './sojourn-watch.ts';

interface Account {
  /** Index of the link's credit words, moved by the number of the group. */
  readonly base: number;
  readonly producer: number;
  readonly group: number;
  published: number;
  refused: number;
  returned: number;
  limit: number;
  outstanding: number;
  isRefused: boolean;
}

interface GroupPace {
  readonly control: SojournControl;
  /** When the group last returned something or had nothing outstanding. */
  movedUs: number;
  stopped: boolean;
  standing: boolean;
}

/** Credit of one consumer. */
export class CreditShares {
  readonly consumer: number;
  /** Units that each producer published since the look before. */
  readonly publishedUnits: number[];

  private readonly words: ControlWords;
  private readonly plan: SharePlan;
  private readonly accounts: readonly Account[];
  private readonly groups: readonly GroupPace[];
  private lookedUs: number | undefined;

  /** @param groups - number of groups that the consumer hosts */
  constructor(context: ThreadContext, words: ControlWords, consumer: number, groups: number) {
    const { plan, config } = context.seed;
    const options = sojournOptions(config.flow);
    this.words = words;
    this.consumer = consumer;
    this.publishedUnits = plan.threads.map(() => 0);
    this.groups = Array.from({ length: groups }, () => ({
      control: new SojournControl(options),
      movedUs: 0,
      stopped: false,
      standing: false,
    }));
    this.accounts = plan.threads.flatMap((_, producer) =>
      this.groups.map((__, group) => {
        const base = creditIndex(plan, producer, consumer) + group;
        const fixed = { base, producer, group, outstanding: 0, isRefused: false };
        return { ...fixed, ...this.countsAt(base) };
      }),
    );
    const defaults = this.accounts.map(({ producer }) => defaultShare(context, producer, groups));
    this.plan = new SharePlan(creditPoolUnits(context), defaults);
    this.write();
  }

  /** Takes other options from the next look on. */
  configure(flow: RuntimeConfig['flow']): void {
    for (const { control } of this.groups) control.configure(sojournOptions(flow));
  }

  /** True while the coordinator has nothing to say about shares. */
  get isDefault(): boolean {
    return this.plan.isDefault;
  }

  /** Takes one look; tells the consumer when other shares are in force. */
  observe(nowUs: number, lanesStand: boolean): void {
    const elapsedUs = nowUs - (this.lookedUs ?? nowUs);
    this.lookedUs = nowUs;
    const returned = this.read();
    for (const [group, pace] of this.groups.entries())
      this.judge(group, pace, returned[group] as number, nowUs, elapsedUs, lanesStand);
    const readings = this.accounts.map(({ outstanding, isRefused, group }): AccountReading => ({
      outstanding,
      refused: isRefused,
      standing: this.groups[group]?.standing === true,
    }));
    if (this.plan.update(readings)) this.write();
  }

  /**
   * Part of the credit in use, from 0 to 1, in the busy group that has most left: while one of them gets on, the thread as a whole does. A group that
   * stopped does not count, since nothing that is shed would help it.
   */
  used(): number {
    let least: number | undefined;
    for (const [group, { stopped }] of this.groups.entries()) {
      if (stopped) continue;
      let used = 0;
      for (const account of this.accounts) {
        if (account.group === group) used = Math.max(used, account.outstanding / usableOf(windowOf(account)));
      }
      if (used > 0) least = Math.min(least ?? 1, used);
    }
    return least ?? 0;
  }

  /** The narrowest window that refused somebody since the look before, in units; `Infinity` if none did. */
  narrowest(): number {
    return Math.min(...this.accounts.map((account) => (account.isRefused ? windowOf(account) : Infinity)));
  }

  /** Reads all accounts; returns the units that each group returned since the look before. */
  private read(): number[] {
    const returned = this.groups.map(() => 0);
    this.publishedUnits.fill(0);
    for (const account of this.accounts) {
      const counts = this.countsAt(account.base);
      const { group, producer } = account;
      returned[group] = (returned[group] as number) + ((counts.returned - account.returned) | 0);
      this.publishedUnits[producer] = (this.publishedUnits[producer] as number) + ((counts.published - account.published) | 0);
      account.isRefused = counts.refused !== account.refused;
      // The words move while they are read, so the difference may come out negative.
      account.outstanding = Math.max(0, (counts.published - counts.returned) | 0);
      Object.assign(account, counts);
    }
    return returned;
  }

  private countsAt(base: number): Pick<Account, 'published' | 'refused' | 'returned' | 'limit'> {
    const at = (word: number): number => this.words.readAt(base + word);
    const published = at(CreditWord.published);
    return { published, refused: at(CreditWord.refused), returned: at(CreditWord.returned), limit: at(CreditWord.limit) };
  }

  private judge(group: number, pace: GroupPace, returned: number, nowUs: number, elapsedUs: number, lanesStand: boolean): void {
    let outstanding = 0;
    let beyondFloor = false;
    for (const [index, account] of this.accounts.entries()) {
      if (account.group !== group) continue;
      outstanding += account.outstanding;
      beyondFloor ||= account.outstanding > this.plan.floor(index);
    }
    const moves = returned !== 0 || outstanding === 0;
    if (moves || pace.movedUs === 0) pace.movedUs = nowUs;
    const pacedUs = lanesStand && returned > 0 ? (outstanding * elapsedUs) / returned : 0;
    const stands = pace.control.observe(moves ? pacedUs : nowUs - pace.movedUs, nowUs);
    pace.stopped = stands && !moves;
    // Within its floor there is nothing to take from it, such as from a single event whose handler takes seconds.
    pace.standing = stands && beyondFloor;
  }

  private write(): void {
    for (const [index, { base }] of this.accounts.entries())
      this.words.writeAt(base + CreditWord.share, this.plan.isDefault ? 0 : this.plan.share(index));
    this.words.announce(this.consumer);
  }
}

/** What events of the least priority may use, for they are what a flood is made of. */
function usableOf(window: number): number {
  return Math.max(1, window - keptUnits(window, PRIORITY_COUNT - 1));
}

/** What was granted, which is less than the share while others have not given back what they had. */
function windowOf({ limit, returned }: Account): number {
  return Math.max(1, (limit - returned) | 0);
}
