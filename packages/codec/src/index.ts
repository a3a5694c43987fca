export * from './bytes-codec.ts';
export * from './codec-registry.ts';
export * from './json-codec.ts';
export * from './payload-codec.ts';
export * from './record-header.ts';
export * from './record-views.ts';
