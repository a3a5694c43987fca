/**
 * Where the compiled copy of a fixture is: `scripts/compile-fixtures.mjs` writes them, and runtimes of the tests load them. On Node 20 every
 * thread that loads a `.ts` module pays half a second for the transformer; what that proves is proven once, by `typescript-modules.e2e.test.ts`.
 * A folder that git ignores mirrors `test/`, so that imports among fixtures and of packages resolve as they do in the source.
 */

const FIXTURE = /(?<=\/packages\/[^/]+)\/test\/(?<name>(?:[^?#]+\/)?fixtures\/[^?#]+)\.ts(?=$|[?#])/;

/** URL of the compiled copy, with the same query; a URL of anything else as it is. */
export function compiledFixture(url) {
  return new URL(url.href.replace(FIXTURE, '/.cache/test/$<name>.js'));
}
