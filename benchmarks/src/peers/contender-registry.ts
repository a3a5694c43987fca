/**
 * The contenders by name, in the order of the report. Modules load lazily, so that a contender's process holds only its own library.
 * Thread: any.
 */
import type { ScenarioName } from '../workload/scenarios.ts';
import type { Contender, ContenderEntry } from './contender.ts';

/** All ratios refer to this contender. */
export const BASELINE = 'postMessage';
export const BATCHED_RIVAL = 'postMessage-array100';
export const POOL_RIVAL = 'piscina';

type Load = () => Promise<{ default: new () => Contender }>;

export const contenderEntries: readonly ContenderEntry[] = [
  entry('ringmain', 'one publish per event, struct codec', () => import('./contenders/ringmain-struct.ts')),
  entry('ringmain-batch', 'publishBatch of 100, struct codec', () => import('./contenders/ringmain-batch.ts'), ['flood', 'idle']),
  entry('ringmain-json', 'one publish per event, json codec', () => import('./contenders/ringmain-json.ts'), ['idle']),
  entry('ringmain-bytes', 'hand-written records, bytes codec', () => import('./contenders/ringmain-bytes.ts'), [
    'mixed',
    'mixed-shapes',
    'idle',
  ]),
  entry(BASELINE, 'one message per event', () => import('./contenders/post-message.ts')),
  entry(BATCHED_RIVAL, 'one message per array of 100', () => import('./contenders/post-message-array.ts'), ['idle']),
  entry('BroadcastChannel', 'one message per event', () => import('./contenders/broadcast-channel.ts'), ['idle']),
  entry(POOL_RIVAL, 'one task per event, 64 outstanding', () => import('./contenders/piscina.ts'), ['idle']),
  entry('tinypool', 'one task per event, 64 outstanding', () => import('./contenders/tinypool.ts'), ['idle']),
  entry('workerpool', 'one task per event, 64 outstanding', () => import('./contenders/workerpool.ts'), ['idle']),
  entry('poolifier', 'one task per event, 64 outstanding', () => import('./contenders/poolifier.ts'), ['idle']),
  entry('ringbuf.js', 'hand-written binary records', () => import('./contenders/ringbuf-binary.ts'), [
    'mixed',
    'mixed-shapes',
    'idle',
  ]),
  entry('ringbuf.js-json', 'length-prefixed JSON', () => import('./contenders/ringbuf-json.ts'), ['idle']),
  entry('EventEmitter', 'no second thread', () => import('./contenders/event-emitter.ts')),
];

/** The entry of a name, or undefined. */
export function contenderEntry(name: string): ContenderEntry | undefined {
  return contenderEntries.find((candidate) => candidate.name === name);
}

function entry(name: string, about: string, load: Load, not: readonly ScenarioName[] = []): ContenderEntry {
  return {
    name,
    about,
    supports: (scenario) => !not.includes(scenario),
    load: async () => {
      const { default: Implementation } = await load();
      return new Implementation();
    },
  };
}
