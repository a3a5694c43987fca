/**
 * Entry of a contender's process: takes one request at a time from the measuring process.
 * Thread: main thread of the contender's process.
 */
import { scenarios } from '../workload/scenarios.ts';
import { Workload } from '../workload/workload.ts';
import type { ChildAnswer, ChildRequest, ChildResult } from './child-protocol.ts';
import type { Contender } from './contender.ts';
import { contenderEntry } from './contender-registry.ts';
import { SliceRunner } from './slice-runner.ts';

let contender: Contender | undefined;
let runner: SliceRunner | undefined;

process.on('message', (request: ChildRequest) => {
  carryOut(request).then(
    (result) => answer({ ok: true, result }),
    (error: unknown) => answer({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

async function carryOut(request: ChildRequest): Promise<ChildResult> {
  if (request.op === 'start') return start(request);
  if (runner === undefined) throw new Error('the contender is not started');
  switch (request.op) {
    case 'slice':
      return runner.slice(request.sliceMs);
    case 'paced':
      return runner.paced(request.sliceMs);
    case 'flood':
      return runner.flood(request.seconds, request.warmUpMs);
    case 'idle':
      return runner.idle(request.seconds);
    case 'stop':
      await contender?.stop();
      return null;
  }
}

async function start(request: Extract<ChildRequest, { op: 'start' }>): Promise<null> {
  const entry = contenderEntry(request.contender);
  if (entry === undefined) throw new Error(`unknown contender ${request.contender}`);
  const workload = new Workload(scenarios[request.scenario], request.spinIterations);
  contender = await entry.load();
  await contender.start(workload);
  runner = new SliceRunner(contender, workload);
  return null;
}

function answer(message: ChildAnswer): void {
  process.send?.(message);
}
