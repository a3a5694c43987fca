/** Types of comlink's adapter for node ports; the package ships them under a name that module resolution does not find. */
declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink';
  export default function nodeEndpoint(port: object): Endpoint;
}
