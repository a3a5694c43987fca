/**
 * Paths of modules in a configuration, and the URLs they stand for.
 * Thread: any.
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The rule in words, for errors and the reference. */
export const MODULE_PATH_ALLOWED = 'a path of 1 to 4096 characters, relative to the configuration or absolute, or a file: URL';

// Two characters at least, so that a Windows drive is not taken for a scheme.
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/** Tells whether a text can be a module path. */
export function isModulePath(text: string): boolean {
  if (text.includes('\0')) return false;
  const scheme = SCHEME.exec(text)?.[1];
  return scheme === undefined || (scheme.toLowerCase() === 'file' && URL.canParse(text));
}

/**
 * Returns the URL of a module path.
 *
 * @param path - a path that {@link isModulePath} accepts; `handlers.js` means the same as `./handlers.js`
 * @param baseUrl - URL of the file that contains the path
 */
export function moduleUrl(path: string, baseUrl: URL): URL {
  if (SCHEME.test(path)) return new URL(path);
  if (isAbsolute(path)) return pathToFileURL(path);
  // Encoded, because `#`, `?` and `%` are ordinary characters of a file name.
  const encoded = encodeURI(path.replaceAll('\\', '/')).replaceAll('?', '%3F').replaceAll('#', '%23');
  return new URL(`./${encoded}`, baseUrl);
}
