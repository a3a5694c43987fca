/** The stress scenarios by name, in the order in which they run. Thread: main. */
import { burst } from './scenarios/burst.ts';
import { churn } from './scenarios/churn.ts';
import { flooder } from './scenarios/flooder.ts';
import { hotKey } from './scenarios/hot-key.ts';
import { noisyNeighbour } from './scenarios/noisy-neighbour.ts';
import { overload } from './scenarios/overload.ts';
import { priorityFlood } from './scenarios/priority-flood.ts';
import { rateLimit } from './scenarios/rate-limit.ts';
import { resize } from './scenarios/resize.ts';
import { slowGroup } from './scenarios/slow-group.ts';
import { sustained } from './scenarios/sustained.ts';
import type { StressScenarioName } from './stress-options.ts';
import type { StressScenario } from './stress-result.ts';

/** The scenarios. */
export const stressScenarios: Readonly<Record<StressScenarioName, StressScenario>> = {
  sustained,
  burst,
  overload,
  'priority-flood': priorityFlood,
  'slow-group': slowGroup,
  flooder,
  'rate-limit': rateLimit,
  'noisy-neighbour': noisyNeighbour,
  'hot-key': hotKey,
  churn,
  resize,
};
