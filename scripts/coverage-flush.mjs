/**
 * Runs in every test process. When coverage is on it writes the counters while the process is certain to be alive: a pool may end
 * its processes before Node writes them at exit.
 */
import v8 from 'node:v8';
import { afterAll } from 'vitest';

if (process.env.NODE_V8_COVERAGE !== undefined) afterAll(() => v8.takeCoverage());
