/**
 * A loop that catches the suspension signal for ever: no exception gets out of it, so the explorer ends the process and says why.
 */
import { describe, expect, test } from 'vitest';
import { runProgram } from './child-process.ts';

/** Explores a thread that polls in a loop which catches everything; `worker` does so in a worker thread. */
function programOf(worker: boolean): string {
  const exploration = `
    const { explore } = await import('@ringmain/testkit');
    explore({
      name: 'stubborn poll',
      setup: (memory) => ({ memory, words: memory.words(1) }),
      threads: [
        { name: 'poller', run: function pollForEver({ memory, words }) {
          for (;;) try { if (memory.atomics.load(words, 0) === 2) return; } catch {}
        } },
        { name: 'other', run: ({ memory, words }) => memory.atomics.store(words, 0, 1) },
      ],
    });
    console.log('came back');`;
  if (!worker) return exploration;
  return `
    import { Worker } from 'node:worker_threads';
    const body = ${JSON.stringify(`(async () => {${exploration}})()`)};
    new Worker(body, { eval: true }).on('exit', () => console.log('outlived the worker'));`;
}

describe('explore() of an endless loop that catches the signal', () => {
  test.each([
    ['main thread', false],
    ['worker', true],
  ])('ends the process with the thread and the stack of the loop: %s', (_, worker) => {
    const ended = runProgram(programOf(worker));
    expect(ended.output).toBe('');
    expect(ended.signal ?? `status ${ended.status}`).not.toBe('status 0');
    expect(ended.errors).toMatch(
      /stubborn poll: swallowed: poller caught the signal that suspends it 100000 times and does not stop/,
    );
    expect(ended.errors).toContain('at pollForEver');
  });
});
