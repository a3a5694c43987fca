/**
 * Keeps the account of a runtime under test: hands out the same runtime, notes what its calls answer, and compares when it has closed.
 * Thread: main. Knows the runtime by the shape of its methods, so that it depends on no package above it.
 *
 * Noted: outcomes of `publish` and `publishBatch`, ends of `send`, events that batchers took, calls of handlers of the main thread. What goes
 * through a stream, or is published by handlers of the main thread, is only known to be possible.
 */
import type { PublishOutcome } from '@ringmain/core';
import { isRingmainError } from '@ringmain/core';
import type { AccountOptions, CloseFigures } from './close-account.ts';
import { assertAccount } from './close-account.ts';
import { OutcomeLedger } from './outcome-ledger.ts';

/** A runtime whose account is kept. */
export interface Account<Runtime> {
  /** To be used in place of the runtime. */
  readonly runtime: Runtime;
  /**
   * Throws with everything that does not add up.
   *
   * @param report - what `close` of the runtime resolved with
   */
  check(report: CloseFigures, options?: AccountOptions): void;
}

type Call = (...args: unknown[]) => unknown;

/** Rejections of a `send` whose event was accepted before. */
const ACCEPTED_BEFORE: ReadonlySet<string> = new Set(['RINGMAIN_DELIVERY_TIMEOUT', 'RINGMAIN_DELIVERY_FAILED']);
/** Rejections that do not say whether the event was accepted before. */
const UNCERTAIN: ReadonlySet<string> = new Set(['RINGMAIN_ABORTED', 'RINGMAIN_CLOSED', 'RINGMAIN_SHARD_FAILED']);

/** Begins to keep the account of a runtime that has published nothing yet. */
export function accountFor<Runtime extends object>(runtime: Runtime): Account<Runtime> {
  const book = new Book(runtime);
  return {
    runtime: substitute(runtime, { ...book.methods(), ...book.members() }),
    check: (report, options) => assertAccount(report, book, options),
  };
}

class Book {
  readonly ledger = new OutcomeLedger();
  readonly calls = new Map<string, number>();
  unsettledSends = 0;
  private readonly target: object;
  private readonly hosts: boolean;
  /** The handler that counts for a group of the main thread. */
  private readonly latest = new Map<string, Call>();

  constructor(target: object) {
    this.target = target;
    this.hosts = (Reflect.get(target, 'config') as { readonly shards?: number } | undefined)?.shards === 0;
  }

  methods(): Readonly<Record<string, Call>> {
    return {
      publish: (...args) => this.noted(this.call('publish', args), () => [String(args[0])]),
      publishBatch: (...args) => this.noted(this.call('publishBatch', args), () => typesOf(args[0])),
      send: (...args) => this.send(args),
      batcher: (...args) => this.batcher(args),
      writable: (...args) => {
        this.outOfSight(args[0]);
        return this.call('writable', args);
      },
      subscribe: (...args) => this.subscribe(args),
    };
  }

  /** Parts of the runtime that publish too. */
  members(): Readonly<Record<string, object>> {
    const letters: unknown = Reflect.get(this.target, 'deadLetters');
    if (typeof letters !== 'object' || letters === null) return {};
    const method = (name: string): Call => (Reflect.get(letters, name) as Call).bind(letters);
    // Each letter that is there may be published again, once.
    const redrive: Call = (...args) => {
      this.ledger.noteRetries();
      const listed = method('list')({ limit: Number.MAX_SAFE_INTEGER }) as readonly {
        readonly event: { readonly type: string };
      }[];
      for (const { event } of listed) this.ledger.add(event.type, 0, 1);
      return method('redrive')(...args);
    };
    return { deadLetters: substitute(letters, { redrive }) };
  }

  private call(name: string, args: readonly unknown[]): unknown {
    return Reflect.apply(Reflect.get(this.target, name) as Call, this.target, args);
  }

  private noted(outcome: unknown, types: () => readonly string[]): unknown {
    this.ledger.note(outcome as PublishOutcome, types());
    return outcome;
  }

  private send(args: readonly unknown[]): unknown {
    const type = String(args[0]);
    const sent = this.call('send', args) as Promise<PublishOutcome>;
    this.unsettledSends++;
    this.ledger.noteRetries();
    const settled = (certain: number, possible: number): void => {
      this.unsettledSends--;
      if (possible > 0) this.ledger.add(type, certain, possible);
    };
    sent.then(
      () => settled(1, 1),
      (error: unknown) => {
        const code = isRingmainError(error) ? error.code : '';
        if (ACCEPTED_BEFORE.has(code)) settled(1, 1);
        else settled(0, UNCERTAIN.has(code) ? 1 : 0);
      },
    );
    return sent;
  }

  private batcher(args: readonly unknown[]): unknown {
    const type = String(args[0]);
    const batcher = this.call('batcher', args) as object;
    this.ledger.noteRetries();
    const add: Call = (...added) => {
      const outcome = Reflect.apply(Reflect.get(batcher, 'add') as Call, batcher, added) as { readonly accepted: boolean };
      if (outcome.accepted) this.ledger.add(type, 1, 1);
      return outcome;
    };
    return substitute(batcher, { add });
  }

  private subscribe(args: readonly unknown[]): unknown {
    const [pattern, handle, ...others] = args;
    if (typeof handle !== 'function') return this.call('subscribe', args);
    let calls = 0;
    const called: Call = (event, context) => {
      calls++;
      if (this.latest.get(group) === called) this.calls.set(group, calls);
      return Reflect.apply(handle, undefined, [event, this.watched(context as object)]);
    };
    const subscription = this.call('subscribe', [pattern, called, ...others]) as { readonly group: string };
    const { group } = subscription;
    // A name that is used again begins anew, in the figures too.
    this.latest.set(group, called);
    this.calls.set(group, calls);
    return subscription;
  }

  /** What handlers of the main thread publish counts for that thread, and no `publish` of the runtime tells of it. */
  private watched(context: object): object {
    const method =
      (name: string): Call =>
      (...args) => {
        // Where the main thread hosts the subscriber modules, its handlers publish as a thread of their own.
        for (const type of this.hosts ? [] : name === 'publishBatch' ? typesOf(args[0]) : [args[0]]) this.outOfSight(type);
        return Reflect.apply(Reflect.get(context, name) as Call, context, args);
      };
    return substitute(context, { publish: method('publish'), publishBatch: method('publishBatch'), send: method('send') });
  }

  private outOfSight(type: unknown): void {
    this.ledger.noteRetries();
    this.ledger.add(String(type), 0, Number.POSITIVE_INFINITY);
  }
}

function typesOf(entries: unknown): string[] {
  return Array.isArray(entries)
    ? entries.map((entry: unknown) => String((entry as { readonly type?: unknown } | null)?.type))
    : [];
}

/** The same object with some methods replaced; the others run on the original. */
function substitute<Target extends object>(target: Target, methods: Readonly<Record<string, unknown>>): Target {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(methods, name)) return methods[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
