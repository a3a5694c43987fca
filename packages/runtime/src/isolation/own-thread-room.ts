/**
 * The one thread of a group: runs its calls side by side, and keeps the shard informed of where it is.
 * Thread: the group's own. Invariant: calls begin in the order of their tickets; `within` names a call exactly while its handler has not returned.
 */
import type { AtomicsPort } from '@ringmain/ring';
import type { FromOwnThread, OwnThreadSeed, ToOwnThread } from './own-thread-messages.ts';
import { OwnThreadWord } from './own-thread-messages.ts';
import { unpackError } from './packed-error.ts';
import { IsolatedCall } from './isolated-call.ts';
import type { PoolOutcome } from './pool-messages.ts';
import { PoolRoom } from './pool-room.ts';

/** The line to the shard. */
export interface OwnThreadPort {
  readonly say: (message: FromOwnThread) => void;
  /** What the shard has said and this thread has not heard; undefined when there is nothing. */
  readonly next: () => ToOwnThread | undefined;
}

/** The room of such a thread. */
export class OwnThreadRoom {
  private readonly room: PoolRoom;
  private readonly atomics: AtomicsPort;
  private readonly words: Int32Array;
  private readonly port: OwnThreadPort;
  /** Calls that have not ended, by ticket. Bounded by the permits of the group, and by handlers that go on after they were given up. */
  private readonly calls = new Map<number, IsolatedCall>();
  private outcomes: { readonly task: number; readonly outcome: PoolOutcome }[] = [];

  constructor({ pool, words }: OwnThreadSeed, atomics: AtomicsPort, port: OwnThreadPort) {
    this.room = new PoolRoom(pool);
    this.atomics = atomics;
    this.words = words;
    this.port = port;
  }

  /** Takes what the shard says. */
  take(message: ToOwnThread): void {
    if (message.kind === 'abort') {
      this.calls.get(message.ticket)?.abort(unpackError(message.reason));
      this.port.say({ kind: 'aborted', ticket: message.ticket });
      return;
    }
    for (const { ticket, task } of message.tasks) {
      const call = new IsolatedCall(task.id);
      call.onLook = () => this.hear();
      call.onBegin = () => this.begin(ticket);
      call.onReturn = () => this.atomics.store(this.words, OwnThreadWord.within, 0);
      this.calls.set(ticket, call);
      void this.room.run(task, call).then((outcome) => this.ended(ticket, task.id, outcome));
    }
  }

  /** A handler may have kept this thread from its event loop for long: what the shard said meanwhile is known before the next one begins. */
  private hear(): void {
    for (let message = this.port.next(); message !== undefined; message = this.port.next()) this.take(message);
  }

  private begin(ticket: number): void {
    // `within` first: whoever finds the call begun after a death also finds who it was. Pairs with the loads in `OwnThread`.
    this.atomics.store(this.words, OwnThreadWord.within, ticket);
    this.atomics.store(this.words, OwnThreadWord.begun, ticket);
  }

  private ended(ticket: number, task: number, outcome: PoolOutcome): void {
    this.calls.delete(ticket);
    this.outcomes.push({ task, outcome });
    if (this.outcomes.length > 1) return;
    // What ends together is told together.
    queueMicrotask(() => {
      const { outcomes } = this;
      this.outcomes = [];
      this.port.say({ kind: 'ended', outcomes });
    });
  }
}
