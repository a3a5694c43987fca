import * as ring from '@ringmain/ring';
import { explore } from '@ringmain/testkit';
import { PARTITION_PLANS, partitionScenario } from '../ring/test/scenarios/partition-scenarios.ts';
const r = explore(partitionScenario(ring, PARTITION_PLANS[3]!), { stepsMax: 300 });
for (const t of r.failure!.trace.slice(-14)) console.log(t.thread ?? '', JSON.stringify(t).slice(0, 200));
for (const [i, plan] of PARTITION_PLANS.entries())
  for (const fault of [
    'acknowledged before the table is taken over',
    'taken over within a publish',
    'fenced before all have acknowledged',
    'finished before it is handed over',
    'bay not asked',
  ] as const) {
    if (i > 2) continue;
    const t = Date.now();
    const f = explore(partitionScenario(ring, { ...plan, fault }), { executionsMax: 90000 }).failure;
    console.log(plan.name, '|', fault, '->', f?.kind, Date.now() - t);
  }
