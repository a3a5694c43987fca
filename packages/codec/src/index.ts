export * from './bytes-codec.ts';
export * from './codec-registry.ts';
export * from './json-codec.ts';
export * from './payload-codec.ts';
export * from './record-header.ts';
export * from './record-views.ts';
export { compileStruct, planOf, structFromPlan } from './struct/struct-codec.ts';
export type { StructCodec } from './struct/struct-codec.ts';
export type { StructPlan } from './struct/struct-layout.ts';
