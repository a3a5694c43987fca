/** Topic patterns; the runtime matches once per event type and caches the route. Thread: main. */
import { compilePattern } from '@ringmain/core';
import { type MicroTask, microTask } from './micro-task.ts';

const TOPICS = ['order.placed', 'order.paid.late', 'sensor.hall.3.temperature', 'metric.cpu'];

export function patternTasks(): MicroTask[] {
  return ['order.placed', 'order.*', 'sensor.*.3.*', '*'].map((source) => {
    const pattern = compilePattern(source);
    return microTask(`match: ${source}`, (index) => pattern.matches(TOPICS[index & 3] ?? ''));
  });
}
