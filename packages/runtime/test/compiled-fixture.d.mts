/** Types of `compiled-fixture.mjs`, which child processes and scripts import as it is. */
export declare function compiledFixture(url: URL): URL;
