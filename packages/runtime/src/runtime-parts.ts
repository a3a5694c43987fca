/**
 * What a runtime is made of.
 * Thread: main.
 */
import type { Logger } from 'pino';
import type { BreakerControl } from './breakers/breaker-control.ts';
import type { CoordinatorLink } from './control/coordinator-link.ts';
import type { MainRoom } from './router/main-room.ts';
import type { HostedGroups } from './subscribers/hosted-groups.ts';
import type { ThreadContext } from './thread-context.ts';

/** Parts of a runtime. */
export interface RuntimeParts {
  readonly context: ThreadContext;
  readonly room: MainRoom;
  /** Undefined with `shards: 0`. */
  readonly coordinator: CoordinatorLink | undefined;
  /** Groups hosted by the main thread itself, with `shards: 0`. */
  readonly inlineGroups: HostedGroups | undefined;
  /** Circuit breakers of these groups; elsewhere the coordinator has them. */
  readonly breakers: BreakerControl | undefined;
  readonly log: Logger;
  /** Called when the runtime fails, and when its close begins: what it tells of itself is taken for the last time. */
  readonly onEnding: Array<() => void>;
  /** Called once when the runtime has closed. */
  readonly onClosed: Array<() => void>;
}
