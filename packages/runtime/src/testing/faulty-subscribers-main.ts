/**
 * Loaded in place of a subscriber module of a runtime under test: exports the subscribers of that module, with faults. Its URL says which module and which faults.
 * Thread: whichever runs handlers.
 */
import type { Subscriber } from '../subscriber.ts';
import { subscribersOf } from '../subscribers/load-subscribers.ts';
import { loadModule } from '../subscribers/load-module.ts';
import { openFaults } from './fault-board.ts';
import { faultySubscriber } from './faulty-subscriber.ts';

const { searchParams } = new URL(import.meta.url);
const url = searchParams.get('module') ?? '';
const points = openFaults(searchParams.get('faults') ?? '');

/** The subscribers of the module. */
export const subscribers: readonly Subscriber[] = subscribersOf(await loadModule(url), url).map((one) =>
  faultySubscriber(one, points),
);
