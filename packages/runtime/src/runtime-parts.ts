/**
 * What a runtime is made of.
 * Thread: main.
 */
import type { Logger } from 'pino';
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
  readonly log: Logger;
  /** Called once when the runtime has closed. */
  readonly onClosed: Array<() => void>;
}
