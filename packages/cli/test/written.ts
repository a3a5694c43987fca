import type { PassThrough } from 'node:stream';

/** Everything that was written to a stream so far; Node 26 gives it chunk by chunk, older versions at once. */
export function written(target: PassThrough): string {
  let text = '';
  const next = (): Buffer | null => target.read() as Buffer | null;
  for (let chunk = next(); chunk !== null; chunk = next()) text += chunk.toString();
  return text;
}
