/** The documentation that follows from the schema and the exit codes. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('generate-config-docs finds the documented keys, defaults, ranges and exit codes up to date', () => {
  const script = fileURLToPath(new URL('../../../scripts/generate-config-docs.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
