/**
 * Credit of one event type with one consumer: the accounts of all groups there that take the type, asked and charged together.
 * Thread: the publisher's.
 *
 * A group without credit holds the whole event back (`backpressure`), or is left out by a bit of the record (`shed`).
 */
import type { CreditAccount } from '@ringmain/ring';
import { CreditWord, creditIndex } from '@ringmain/ring';
import type { HostedTarget } from '../events/event-type.ts';
import type { ThreadContext } from '../thread-context.ts';

/** Credit of one event type with one consumer. */
export class TypeCredit {
  /** Word of the credit used with group 0 of the consumer. */
  readonly base: number;
  /** After {@link TypeCredit.admit}: steps of groups that are left out, as a bit mask for the record. */
  skip = 0;
  /** After {@link TypeCredit.admit}: groups that take the event, as bit masks. */
  takenLow = 0;
  takenHigh = 0;
  /** After a refusal: the account that had no room. */
  blocked: CreditAccount | undefined;

  private readonly accounts: readonly CreditAccount[];
  private readonly targets: readonly HostedTarget[];
  /** The one account of most types; asked and charged without a loop. */
  private readonly only: CreditAccount | undefined;

  constructor(
    context: ThreadContext,
    consumer: number,
    targets: readonly HostedTarget[],
    open: (group: number) => CreditAccount,
  ) {
    this.base = creditIndex(context.seed.plan, context.thread, consumer) + CreditWord.published;
    this.targets = targets;
    this.accounts = targets.map(({ group }) => open(group));
    this.only = this.accounts.length === 1 ? this.accounts[0] : undefined;
    this.take();
  }

  /** Asks every account for an event of a priority; false when a group without credit holds it back. */
  admit(priority: number): boolean {
    const { only } = this;
    return (only !== undefined && only.left > (only.kept[priority] as number) && this.skip === 0) || this.admitAll(priority);
  }

  /** Takes the credit of a committed record. */
  charge(units: number): void {
    const { only } = this;
    if (only !== undefined && this.skip === 0) only.charge(units);
    else this.chargeAll(units, this.skip);
  }

  /** The same for the steps that a mask does not leave out. */
  chargeAll(units: number, skip: number): void {
    this.accounts.forEach((account, step) => {
      if (!isSkipped(skip, step)) account.charge(units);
    });
  }

  /** Says that a ledger took the credit of a record. */
  charged(units: number, skip: number): void {
    this.accounts.forEach((account, step) => {
      if (!isSkipped(skip, step)) account.charged(units);
    });
  }

  /** Asks the account of one group alone, whatever it does when it has none; true where no account is kept. */
  admitOne(group: number, priority: number): boolean {
    const account = this.accounts.find((one) => one.group === group);
    if (account === undefined || account.hasRoom(priority)) return true;
    account.refuse();
    this.blocked = account;
    return false;
  }

  /** Takes the credit of a committed record that is for one group alone. Not for producers that may die. */
  chargeOne(group: number, units: number): void {
    this.accounts.find((one) => one.group === group)?.charge(units);
  }

  /** Sets credit aside for a record that is written and not committed; a negative number gives it back. */
  reserve(units: number, skip: number): void {
    this.accounts.forEach((account, step) => {
      if (!isSkipped(skip, step)) account.reserve(units);
    });
  }

  /** Names of the groups that a mask leaves out. */
  namesOf(skip: number): string[] {
    return this.targets.filter((_, step) => isSkipped(skip, step)).map(({ name }) => name);
  }

  /** Name of the group that holds the event back. */
  blockedGroup(): string {
    return this.targets.find(({ group }) => group === this.blocked?.group)?.name ?? '';
  }

  private admitAll(priority: number): boolean {
    const { accounts } = this;
    if (this.skip !== 0) this.take();
    for (let step = 0; step < accounts.length; step++) {
      const account = accounts[step] as CreditAccount;
      if (account.hasRoom(priority)) continue;
      account.refuse();
      if ((this.targets[step] as HostedTarget).sheds) this.leaveOut(step);
      else {
        this.blocked = account;
        return false;
      }
    }
    return true;
  }

  private take(): void {
    this.skip = 0;
    this.takenLow = 0;
    this.takenHigh = 0;
    for (const { group } of this.targets) {
      if (group < 32) this.takenLow |= 1 << group;
      else this.takenHigh |= 1 << (group - 32);
    }
  }

  private leaveOut(step: number): void {
    const { group } = this.targets[step] as HostedTarget;
    this.skip |= 1 << step;
    if (group < 32) this.takenLow &= ~(1 << group);
    else this.takenHigh &= ~(1 << (group - 32));
  }
}

/** Only the first 32 steps of a record can be skipped; `checkSheds` sees to it that no other group sheds. */
function isSkipped(skip: number, step: number): boolean {
  return step < 32 && (skip & (1 << step)) !== 0;
}
