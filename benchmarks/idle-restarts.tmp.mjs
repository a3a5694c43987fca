import { createRuntime } from 'ringmain';
import { events } from './dist/recovery/recovery-events.js';
const runtime = await createRuntime({ events, config: { shards: 1, log: { level: 'silent' }, restart: { maxRestarts: 1e6 } }, subscribers: [new URL('./dist/recovery/recovery-handlers.js', import.meta.url)] });
for (let n = 1; n <= 100; n++) {
  while (!runtime.metrics().spareReady) await new Promise(setImmediate);
  const before = runtime.metrics().restarts;
  await runtime.restartShard(0);
  while (runtime.metrics().restarts === before) await new Promise(setImmediate);
  if (n % 10 === 0) { console.log(n, (process.memoryUsage.rss() / 2 ** 20).toFixed(0)); }
}
await runtime.close();
