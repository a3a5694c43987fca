/** Commands and options, up to the point where threads would start. */
import { written } from './written.ts';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EXIT_CODE_TEXTS } from '../dist/exit-codes.js';
import { runProgram } from '../dist/program.js';

const config = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await runProgram(argv, { stdout, stderr, signals: new EventEmitter() });
  return { code, out: written(stdout), err: written(stderr) };
}

describe('runProgram', () => {
  test.each([[['--help']], [['run', '--help']], [['validate', '--help']]])('documents every exit code in %j', async (argv) => {
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    for (const [value, text] of EXIT_CODE_TEXTS) expect(out).toMatch(new RegExp(`^ {2}${value} +${text.slice(0, 30)}`, 'm'));
  });

  test('prints its version', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  test.each([
    [[], 'Usage'],
    [['run'], "missing required argument 'config'"],
    [['fly'], "unknown command 'fly'"],
    [['run', 'a.json', '--bogus'], "unknown option '--bogus'"],
    [['run', config('ringmain-js.json'), '--input'], "option '--input <file>' argument missing"],
    [
      ['run', config('ringmain-js.json'), '--input', '-', '--source', 'a.js'],
      'RINGMAIN_OPTION_INVALID: --input and --source are both given',
    ],
    [
      ['run', config('ringmain-js.json'), '--report', '/nowhere/report.json'],
      'RINGMAIN_OPTION_INVALID: --report /nowhere/report.json cannot be written',
    ],
    [['run', config('ringmain-js.json'), '--input', 'missing.ndjson'], 'RINGMAIN_INPUT_INVALID: missing.ndjson cannot be read'],
    [['run', config('ringmain-js.json'), '--source', 'missing.js'], 'missing.js'],
    [['run', 'missing.json'], 'RINGMAIN_CONFIG_INVALID'],
    [['bench', 'missing.json', '--rate', '1e12'], '--rate is 1e12 (allowed: a number above 0 and up to 10000000)'],
    [['bench', 'missing.json', '--rate', '5,'], '--rate is empty (allowed: a number above 0 and up to 10000000)'],
    [['bench', 'missing.json', '--seconds', '1e9'], '--seconds is 1e9 (allowed: a number above 0 and up to 86400)'],
    [['bench', 'missing.json', '--burst', '2e6'], '--burst is 2e6 (allowed: a whole number from 1 to 1000000)'],
    [['validate', 'missing.json'], 'RINGMAIN_CONFIG_INVALID'],
    [['validate', config('bad.json')], 'shards (line 2, column 3): is -1 (allowed: an integer from 0 to 64 or "auto")'],
    [['validate', config('no-modules.json')], 'subscribers[1]: there is no file "./not-there.js"'],
    [['validate', config('no-modules.json')], 'subscribers[2]: there is no file "../fixtures"'],
  ])('answers %j with exit code 2', async (argv, message) => {
    const { code, out, err } = await run(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('prints the stack with --verbose', async () => {
    expect((await run('validate', config('bad.json'), '--verbose')).err).toMatch(/^\s+at /m);
  });

  test('validates a configuration', async () => {
    const path = config('ringmain-ts.json');
    expect(await run('validate', path)).toEqual({ code: 0, out: `${path} is valid\n`, err: '' });
  });

  test('says of a configuration without events that run refuses it', async () => {
    const path = config('without-events.json');
    const { code, out, err } = await run('validate', path);
    expect({ code, out }).toEqual({ code: 0, out: `${path} is valid\n` });
    expect(err).toMatch(/^note: events is not set; ringmain run refuses this configuration.*\n$/);
    expect(await run('run', path, '--input', path)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no event definitions'),
    });
  });

  test('prints the effective configuration', async () => {
    const { code, out } = await run('validate', config('ringmain-ts.json'), '--print');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      shards: 2,
      wait: 'async',
      warmSpare: false,
      log: { level: 'error' },
      bay: { slots: 65_536 },
    });
  });
});
