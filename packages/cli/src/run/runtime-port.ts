/** The part of the runtime that a run uses; tests stand in for it. */
import type { Runtime } from 'ringmain';

/** The part of the runtime that a run uses. */
export type RuntimePort = Pick<Runtime, 'publish' | 'ready' | 'drain' | 'close' | 'metrics' | 'failed' | 'config'>;
