/**
 * Runs a program over the testkit in a process of its own: for what ends a process, or depends on how it was started.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs the text of a module.
 *
 * @param source - may import `@ringmain/testkit`
 * @param flags - of Node.js
 */
export function runProgram(source: string, flags: readonly string[] = []): Ended {
  const child = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return { status: child.status, signal: child.signal, output: child.stdout, errors: child.stderr };
}
