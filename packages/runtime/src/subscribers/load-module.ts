/**
 * Imports a user's module, also a `.ts` one on a Node that does not strip types itself.
 * Thread: any. `execArgv` with a loader does not work in workers on Node 20, so the loader is registered inside the thread.
 */
import { RingmainError, describeError } from '@ringmain/core';

/** Modules load side by side, so all of them wait for the one registration. */
let registration: Promise<void> | undefined;

/**
 * Imports a module by URL.
 *
 * @throws {@link RingmainError} `RINGMAIN_SUBSCRIBER_LOAD_FAILED` with the cause
 */
export async function loadModule(url: string): Promise<Record<string, unknown>> {
  try {
    if (/\.[cm]?tsx?$/.test(new URL(url).pathname)) await ensureTypeScript();
    return (await import(url)) as Record<string, unknown>;
  } catch (cause) {
    throw new RingmainError('RINGMAIN_SUBSCRIBER_LOAD_FAILED', `module ${url} did not load: ${describeError(cause).message}`, {
      details: { url },
      cause,
    });
  }
}

async function ensureTypeScript(): Promise<void> {
  const native = (process.features as { readonly typescript?: unknown }).typescript;
  if (native !== undefined && native !== false) return;
  registration ??= import('tsx/esm/api').then(({ register }) => void register());
  await registration;
}
