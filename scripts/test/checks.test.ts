/**
 * The checks check something: each rule is broken once in a small tree, and the check must say so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const header = '/** What this is. */\n';

/** What is wrong, the file it is wrong in, the text of that file, and what the check says about it. */
type Fault = readonly [what: string, file: string, text: string, expected: string];

/** Gives every `a.ts` of a table a number, so that one tree can hold all faults and one run finds them. */
function inOneTree(faults: readonly Fault[]): readonly Fault[] {
  return faults.map(([what, file, text, expected], index) => [what, file.replace('/a.', `/a${index}.`), text, expected]);
}

/** Describes a test per fault; the check runs once, over all of them. */
function refusesEach(script: string, faults: readonly Fault[]): void {
  let output: string | undefined;
  it.each(faults)('refuses %s', (_what, file, _text, expected) => {
    output ??= outputOf(script, Object.fromEntries(faults.map(([, name, text]) => [name, text])));
    const errors = output.split('\n').filter((line) => line.startsWith(`error: ${file}`));
    expect(errors.join('\n')).toContain(expected);
  });
}

/** Runs a check over a tree of the given files (and manifests for core, ring and runtime) and returns what it printed. */
function outputOf(script: string, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ringmain-checks-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manifest = (name: string): string =>
    JSON.stringify({ name, license: 'MIT', engines: { node: '>=20' }, exports: { '.': './dist/index.js' } });
  const manifests = {
    'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
    'packages/core/package.json': manifest('@ringmain/core'),
    'packages/ring/package.json': manifest('@ringmain/ring'),
    'packages/runtime/package.json': manifest('ringmain'),
  };
  const indexes = Object.fromEntries(
    ['core', 'ring', 'runtime'].map((name) => [`packages/${name}/src/index.ts`, 'export {};\n']),
  );
  for (const [file, text] of Object.entries({ ...manifests, ...indexes, ...files })) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const env = { ...process.env, RINGMAIN_REPOSITORY: folder };
  const { stdout, stderr, status } = spawnSync(process.execPath, [`scripts/${script}`], { encoding: 'utf8', env });
  const errors = stdout.split('\n').filter((line) => line.startsWith('error: '));
  expect({ stderr, status }).toEqual({ stderr: '', status: errors.length > 0 ? 1 : 0 });
  return errors.join('\n');
}

const TIDY_FAULTS = inOneTree([
  ['no module comment', 'packages/core/src/a.ts', 'export const a = 1;\n', 'module comment'],
  ['a file of 351 lines', 'packages/core/src/a.ts', `${header}${'// line\n'.repeat(350)}`, 'has 351 lines'],
  [
    'a function of 61 lines',
    'packages/core/src/a.ts',
    `${header}function f() {\n${'f();\n'.repeat(59)}}\n`,
    'has 61 lines of its own',
  ],
  ['code in an index', 'packages/core/src/index.ts', 'export const a = 1;\n', 'only re-exports'],
  ['any', 'packages/core/src/a.ts', `${header}export const a: any = 1;\n`, '`any`'],
  ['a bare non-null assertion', 'packages/core/src/a.ts', `${header}\nexport const a = [1][0]!;\n`, '`!`'],
  ['Atomics elsewhere', 'packages/ring/src/a.ts', `${header}export const load = Atomics.load;\n`, 'AtomicsPort'],
  ['a clock read', 'packages/ring/src/a.ts', `${header}export const now = Date.now();\n`, 'Date.now'],
  ['a date without a time', 'packages/ring/src/a.ts', `${header}export const now = new Date();\n`, 'new Date()'],
  ['chance', 'packages/ring/src/a.ts', `${header}export const luck = Math.random();\n`, 'Math.random'],
  ['a name that says nothing', 'packages/ring/src/ring-utils.ts', header, 'says nothing'],
  ['a name in camel case', 'packages/ring/src/ringBuffer.ts', header, 'kebab-case'],
  ['unfinished work', 'packages/ring/src/a.ts', `${header}// TODO: later\n`, 'unfinished'],
  ['a focused test', 'packages/ring/test/a.test.ts', "it.only('a', () => {});\n", 'every test runs'],
  ['a retried test', 'packages/ring/test/a.test.ts', "it('a', { retry: 3 }, () => {});\n", 'retry'],
  ['a sleep', 'packages/ring/test/a.test.ts', 'await new Promise((done) => setTimeout(done, 5));\n', 'sleeps'],
  [
    'a sleep in a block',
    'packages/ring/test/a.test.ts',
    'await new Promise((done) => { setTimeout(() => done(1), 5); });\n',
    'sleeps',
  ],
  [
    'a runtime whose account nobody settles',
    'packages/runtime/test/a.e2e.test.ts',
    "import { createRuntime } from 'ringmain';\n",
    'openRuntime',
  ],
  [
    'a runtime of its own without a reason',
    'packages/runtime/test/fixtures/a.mjs',
    `${header}// tidy: own runtime:\nimport { createRuntime } from 'ringmain';\n`,
    'openRuntime',
  ],
  ['a manifest that offers what has no source', 'packages/policy/package.json', '{ "bin": { "a": "./dist/a.js" } }', 'no source'],
  ['a manifest without a licence', 'packages/codec/package.json', '{}', 'licence'],
  ['a server in the lockfile', 'pnpm-lock.yaml', 'tarball: https://example.org/a.tgz\n', 'names a server'],
]);

const LAYER_FAULTS = inOneTree([
  [
    'an import against the arrows',
    'packages/core/src/a.ts',
    "import { r } from '@ringmain/ring';\n",
    'core must not import ring',
  ],
  ['a deep import', 'packages/ring/src/a.ts', "import { c } from '@ringmain/core/dist/a.js';\n", 'is not an entry'],
  [
    'a relative import of another package',
    'packages/ring/src/a.ts',
    "import { c } from '../../core/src/a.ts';\n",
    'leaves the package',
  ],
  [
    'a test that reaches into another package',
    'packages/ring/test/a.test.ts',
    "import { c } from '../../core/dist/a.js';\n",
    'reaches into',
  ],
  ['Node in core', 'packages/core/src/a.ts', "import fs from 'node:fs';\n", 'core must not import node:fs'],
  ['a package that imports itself', 'packages/ring/src/a.ts', "import { r } from '@ringmain/ring';\n", 'imports itself'],
  ['a missing extension', 'packages/ring/src/a.ts', "import { b } from './b';\n", 'is not a file'],
]);

describe('tidy', () => {
  refusesEach('tidy.mjs', TIDY_FAULTS);

  it('finds nothing in a clean tree', () => {
    const files = {
      'packages/core/src/index.ts': "export * from './sum.ts';\n",
      'packages/core/src/sum.ts': `${header}export const sum = (a: number, b: number): number => a + b;\n`,
    };
    expect(outputOf('tidy.mjs', files)).toBe('');
  });

  it('accepts a long function that says it is a hot loop, and one whose lines belong to nested functions', () => {
    const long = `// tidy: hot loop\nfunction f() {\n${'f();\n'.repeat(59)}}\n`;
    const nested = `function g() {\nfunction one() {\n${'g();\n'.repeat(40)}}\nfunction two() {\n${'g();\n'.repeat(40)}}\n}\n`;
    expect(
      outputOf('tidy.mjs', { 'packages/ring/src/a.ts': `${header}${long}`, 'packages/ring/src/b.ts': `${header}${nested}` }),
    ).toBe('');
  });

  it('compares error codes in code and catalogue in both directions', () => {
    const output = outputOf('tidy.mjs', {
      'packages/core/src/errors.ts': `${header}export const CATALOGUE = { RINGMAIN_USED: 'a', RINGMAIN_UNUSED: 'b' };\n`,
      'packages/core/src/a.ts': `${header}export const codes = ['RINGMAIN_USED', 'RINGMAIN_NEW_CODE'];\n`,
    });
    expect(output).toContain('RINGMAIN_UNUSED is neither used nor documented');
    expect(output).toContain('RINGMAIN_NEW_CODE is not in the error catalogue');
    expect(output.split('\n')).toHaveLength(2);
  });
});

describe('check-layers', () => {
  refusesEach('check-layers.mjs', LAYER_FAULTS);

  it('finds nothing in a clean tree', () => {
    expect(outputOf('check-layers.mjs', { 'packages/ring/src/a.ts': "import { a } from '@ringmain/core';\n" })).toBe('');
  });

  it('refuses a cycle of files', () => {
    const files = {
      'packages/ring/src/a.ts': "export * from './b.ts';\n",
      'packages/ring/src/b.ts': "export * from './a.ts';\n",
    };
    expect(outputOf('check-layers.mjs', files)).toContain('a.ts → b.ts → a.ts');
  });

  it('refuses a room that reaches another through the hall', () => {
    const output = outputOf('check-layers.mjs', {
      'packages/runtime/src/router/a.ts': "import { hall } from '../hall.ts';\n",
      'packages/runtime/src/hall.ts': "export * from './shard/b.ts';\n",
      'packages/runtime/src/shard/b.ts': 'export const hall = 1;\n',
    });
    expect(output).toContain('one room reaches another');
  });
});

it('check-docs refuses a file of a mapped folder that the map does not name', () => {
  const files = {
    'docs/architecture.md': '# Map\n\n`named.ts` is there.\n',
    'packages/policy/src/named.ts': header,
    'packages/policy/src/unnamed.ts': header,
  };
  expect(outputOf('check-docs.mjs', files)).toBe('error: docs/architecture.md:1  packages/policy/src/unnamed.ts is not named');
});

describe('check-docs over the monitoring guide', () => {
  const snapshot = `${header}
interface Item { readonly name: string }
interface Base { readonly inherited: number }
interface MetricsSnapshot extends Base {
  readonly plain: number;
  readonly items: readonly Item[];
  readonly nested: { readonly inner: boolean };
}`;
  const events = `${header}
interface Notice { readonly one: number; readonly two: string }
interface SystemEvents { readonly 'system.notice': Notice }`;
  const guide = (metrics: readonly string[], fields: string): string =>
    [
      '| metric | what |',
      '|---|---|',
      ...metrics.map((name) => `| \`${name}\` | … |`),
      '',
      '| event | fields |',
      '|---|---|',
      fields,
    ].join('\n');
  const check = (text: string): string[] =>
    outputOf('check-docs.mjs', {
      'packages/runtime/src/metrics/snapshot.ts': snapshot,
      'packages/runtime/src/events/system-events.ts': events,
      'docs/guides/monitoring.md': text,
    })
      .split('\n')
      .filter((line) => line !== '');
  const all = ['inherited', 'plain', 'items[].name', 'nested.inner'];
  const told = '| `system.notice` | `one`, `two` |';

  it('is content when every metric and every event is named', () => {
    expect(check(guide(all, told))).toEqual([]);
  });

  it.each([
    ['an inherited metric that is missing', guide(all.slice(1), told), 'does not say what `inherited` is'],
    [
      'a metric of a list that is missing',
      guide(['inherited', 'plain', 'nested.inner'], told),
      'does not say what `items[].name` is',
    ],
    ['a metric that there is not', guide([...all, 'old'], told), 'there is no `old`'],
    ['an event that is missing', guide(all, ''), 'does not say what `system.notice` is'],
    ['a field of an event that is missing', guide(all, '| `system.notice` | `one` |'), 'does not name its field `two`'],
  ])('refuses %s', (_, text, expected) => {
    expect(check(text)).toEqual([expect.stringContaining(expected)]);
  });

  it('refuses a troubleshooting guide that names what there is not', () => {
    const table =
      '| symptom | metric | action |\n|---|---|---|\n| slow | `plain`, `system.notice` | wait |\n| odd | `gone` | look |\n';
    const found = outputOf('check-docs.mjs', {
      'packages/runtime/src/metrics/snapshot.ts': snapshot,
      'packages/runtime/src/events/system-events.ts': events,
      'docs/guides/monitoring.md': guide(all, told),
      'docs/guides/troubleshooting.md': table,
    });
    expect(found).toMatch(/^error: docs\/guides\/troubleshooting\.md:4 .*there is no `gone`$/);
  });
});

describe('check-docs over the catalogue of errors', () => {
  const catalogue = `${header}export const ERROR_CATALOGUE = {\n  RINGMAIN_ONE: 'One thing.',\n  RINGMAIN_TWO: 'Two things.',\n};\n`;
  const page = (...rows: readonly string[]): string =>
    ['| code | meaning | when | what to do |', '|---|---|---|---|', ...rows, ''].join('\n');
  const check = (text: string): string =>
    outputOf('check-docs.mjs', { 'packages/core/src/errors.ts': catalogue, 'docs/errors.md': text });
  const [one, two] = ['| `RINGMAIN_ONE` | One thing. | now | wait |', '| `RINGMAIN_TWO` | Two things. | now | wait |'];

  it('is content when every code has its row', () => {
    expect(check(page(one, two))).toBe('');
  });

  it.each([
    ['a code that is missing', page(one), 'does not say what RINGMAIN_TWO is'],
    ['a code that there is not', page(one, two, '| `RINGMAIN_OLD` | Old. | now | wait |'), 'there is no code RINGMAIN_OLD'],
    ['another meaning', page(one, two.replace('Two things', 'Three')), 'RINGMAIN_TWO means: Two things.'],
    ['a row twice', page(one, two, two), 'RINGMAIN_TWO stands here twice'],
    ['a row without an action', page(one, two.replace('wait', '')), 'RINGMAIN_TWO needs a when and a what to do'],
  ])('refuses %s', (_, text, expected) => {
    expect(check(text)).toContain(expected);
  });
});
