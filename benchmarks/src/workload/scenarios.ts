/**
 * The scenarios of the peers suite: what is published, what the handler does with it and how it is measured.
 * Thread: any.
 */

/** What handlers do with each event. All read two fields into a checksum. */
export type WorkKind = 'light' | 'spin' | 'latency' | 'mixed';

/** How a scenario is measured: saturated slices, slices at a fixed rate, one long overload, or doing nothing. */
export type Measurement = 'throughput' | 'paced' | 'flood' | 'neighbour' | 'idle';

export interface Scenario {
  readonly name: ScenarioName;
  readonly about: string;
  readonly events: 'order' | 'invoice' | 'mixed' | 'shapes';
  readonly work: WorkKind;
  readonly measurement: Measurement;
}

export const scenarioNames = [
  'event-64B',
  'event-1KB',
  'mixed',
  'mixed-shapes',
  'cpu-20us',
  'paced-10k',
  'flood',
  'busy-neighbour',
  'idle',
] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  'event-64B': scenario('event-64B', '64-byte object, trivial handler', 'order', 'light', 'throughput'),
  'event-1KB': scenario('event-1KB', '1 KB object, trivial handler', 'invoice', 'light', 'throughput'),
  mixed: scenario('mixed', '20 types, 64 keys, every event to 3 groups', 'mixed', 'mixed', 'throughput'),
  'mixed-shapes': scenario('mixed-shapes', 'mixed, and no two types alike', 'shapes', 'mixed', 'throughput'),
  'cpu-20us': scenario('cpu-20us', '64-byte object, 20 us handler', 'order', 'spin', 'throughput'),
  'paced-10k': scenario('paced-10k', 'bursts of 10 per millisecond, latency', 'order', 'latency', 'paced'),
  flood: scenario('flood', '200k/s into a 20 us handler', 'order', 'spin', 'flood'),
  'busy-neighbour': scenario('busy-neighbour', 'event-64B while a foreign process spins', 'order', 'light', 'neighbour'),
  idle: scenario('idle', 'started, nothing published', 'order', 'light', 'idle'),
};

function scenario(
  name: ScenarioName,
  about: string,
  events: Scenario['events'],
  work: WorkKind,
  measurement: Measurement,
): Scenario {
  return { name, about, events, work, measurement };
}
