import type { PassThrough } from 'node:stream';

/** Everything that was written to a stream so far; Node 26 gives it chunk by chunk, older versions at once. */
export function written(target: PassThrough): string {
  let text = '';
  for (let chunk: unknown = target.read(); chunk !== null; chunk = target.read()) text += String(chunk);
  return text;
}
