/**
 * Prints `N passed, N failed` alone on the very last line of a test run, for people and machines that read only that line.
 * A test file that cannot be loaded and an error outside any test count as failed: neither may look like success.
 */
import { writeSync } from 'node:fs';

export default class ClosingLineReporter {
  #counts = { passed: 0, failed: 0, skipped: 0 };

  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const testModule of testModules) {
      let failedTests = 0;
      for (const test of testModule.children.allTests()) {
        const { state } = test.result();
        counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1;
        if (state === 'failed') failedTests += 1;
      }
      if (failedTests === 0 && !testModule.ok()) counts.failed += 1;
    }
    this.#counts = counts;
    // Other reporters, and vitest when it closes, may still print; only at exit is it certain that nothing follows.
    process.once('exit', () => this.#print());
  }

  #print() {
    const { passed, failed, skipped } = this.#counts;
    writeSync(1, `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  }
}
