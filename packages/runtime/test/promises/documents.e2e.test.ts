/** Promise: the programs that the documents show run as they stand. That they compile is checked with the documents. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** Programs run where `ringmain` resolves as it does for a user who installed it. */
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let folder: string;

beforeAll(async () => {
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(path.join(cache, 'documents-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Writes the checked blocks of a document; returns those that start a runtime and need no file beside them. */
async function programsOf(document: string): Promise<string[]> {
  const place = path.join(folder, document.replaceAll(/\W+/g, '-'));
  await mkdir(place);
  const text = await readFile(path.join(root, document), 'utf8');
  const programs: string[] = [];
  for (const [index, { groups }] of [...text.matchAll(/^```ts check(?<info>[^\n]*)\n(?<code>[\s\S]*?)^```/gm)].entries()) {
    const { info = '', code = '' } = groups ?? {};
    const file = path.join(place, /file=(?<name>\S+)/.exec(info)?.groups?.['name'] ?? `block-${index}.ts`);
    await writeFile(file, code);
    if (code.includes('await createRuntime(')) programs.push(file);
  }
  return programs;
}

describe('the programs of', () => {
  it.each([
    ['README.md', [['bill 9.5\n', 'bill 12\n', 'true [']]],
    ['packages/runtime/README.md', [['bill 9.5\n']]],
    ['docs/guides/handlers.md', [[], ['metric.disk { freeBytes: 4096 }\n'], ['100 rows in one call\n']]],
  ])('%s run to their end', async (document, outputs) => {
    const programs = await programsOf(document);
    expect(programs).toHaveLength(outputs.length);
    for (const [index, program] of programs.entries()) {
      const { stdout } = await run(process.execPath, ['--import', tsx, program], { timeout: 60_000, killSignal: 'SIGKILL' });
      // What shards and the main thread print comes in any order.
      for (const output of outputs[index] ?? []) expect(stdout).toContain(output);
    }
  });
});
